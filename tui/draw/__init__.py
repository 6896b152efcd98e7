"""Drawing: numbers in, grids of styled cells out. Pure functions; plotext only in `plot`.

`palette` colours and signs · `grid` rows of cells · `axes` bounds, ticks, labels ·
`plot` lines through plotext · `shade` images and heat maps · `curve` the loss chart.
"""
