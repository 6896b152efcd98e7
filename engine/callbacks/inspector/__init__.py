"""The step inspector: what the phases of one observed step made, in words, code and numbers.

The observer (`views.phases`) fills a `Moment` while the step is taken; `passages.detail` puts it
into words when somebody looks. Nothing in here writes to the training.
"""
