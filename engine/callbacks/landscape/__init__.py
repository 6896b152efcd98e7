"""The hill: the loss around where a run stands. `outlook.Outlook` is what others use.

`landscape` the loss at any weights · `survey` planes and their heights, little by little ·
`axes` which planes, how far · `sheet` one page · `way`, `path` where the run was · `ahead` where
it goes.
"""
