"""How large a view may be that is asked for."""

import pytest
from foghill.engine.protocol.views import (
    MOST_VALUES,
    CurveRequest,
    OutputRequest,
    PhasesRequest,
    PictureRequest,
    PredictRequest,
    Request,
    StateRequest,
)
from foghill.engine.server.bounds import out_of_bounds


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (CurveRequest(columns=0), "1 to 4096 columns"),
        (CurveRequest(series=("loss",) * 33), "at most 32 series"),
        (CurveRequest(first=-1), "begin at 0"),
        (PictureRequest("fit", columns=10**6), "1 to 400000 cells"),
        (PictureRequest("fit", index=-1), "counted from 0"),
        (PredictRequest((1.0,) * (MOST_VALUES + 1)), f"at most {MOST_VALUES} numbers"),
        (PredictRequest(index=-1), "counted from 0"),
        (OutputRequest(lines=0), "1 to 10000 lines"),
    ],
)
def test_what_is_too_much_is_said(request_: Request, sentence: str) -> None:
    assert sentence in out_of_bounds(request_)


@pytest.mark.parametrize(
    "request_",
    [
        StateRequest(),
        PhasesRequest(detail=True),
        CurveRequest(),
        PictureRequest("fit"),
        PredictRequest((1.0,) * MOST_VALUES, 2**53 - 1),
        OutputRequest(),
    ],
)
def test_the_rest_is_fine(request_: Request) -> None:
    assert out_of_bounds(request_) == ""
