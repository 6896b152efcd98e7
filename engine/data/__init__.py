"""Small real data sets, with their sources and licences in the README beside them."""
