"""How large a view may be that a client asks for. Used by `showing.py`."""

from ..protocol.views import (
    MOST_VALUES,
    CurveRequest,
    OutputRequest,
    PictureRequest,
    PredictRequest,
    Request,
)

MAX_SIDE = 4096
MAX_CELLS = 400_000


def out_of_bounds(request: Request) -> str:
    """What is wrong with the size of a view that was asked for; "" if nothing."""
    match request:
        case CurveRequest(series=series, first=first, last=last, columns=columns):
            if not 1 <= columns <= MAX_SIDE:
                return f"a curve has 1 to {MAX_SIDE} columns, not {columns}"
            if len(series) > 32 or any(len(name) > 200 for name in series):
                return "a curve shows at most 32 series"
            if not (0 <= first < 2**62 and 0 <= last < 2**62):
                return "a curve's steps begin at 0"
        case PictureRequest(columns=columns, rows=rows, index=index):
            fits = 1 <= columns <= MAX_SIDE and 1 <= rows <= MAX_SIDE
            if not fits or columns * rows > MAX_CELLS:
                return f"a picture has 1 to {MAX_CELLS} cells, not {columns}×{rows}"
            if not 0 <= index < 2**53:
                return "examples are counted from 0"
        case PredictRequest(values=values, index=index):
            if len(values) > MOST_VALUES:
                return f"an input has at most {MOST_VALUES} numbers, not {len(values)}"
            if not 0 <= index < 2**53:
                return "examples are counted from 0"
        case OutputRequest(lines=lines) if not 1 <= lines <= 10_000:
            return f"output is shown in 1 to 10000 lines, not {lines}"
        case _:
            pass
    return ""
