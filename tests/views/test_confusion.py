"""The confusion matrix against counting by hand."""

import torch
from foghill.engine.experiment.experiment import Names
from foghill.engine.protocol.views import PictureRequest
from foghill.engine.views.confusion import paint
from sitter import Fixed, Sitter
from torch import Tensor

REQUEST = PictureRequest(name="confusion")


def scores(x: Tensor) -> Tensor:
    """Logits whose winner is the last column."""
    return torch.nn.functional.one_hot(x[:, -1].long(), 3).float()


def pairs(target: list[int], predicted: list[int]) -> tuple[Tensor, Tensor]:
    return torch.tensor(predicted).float()[:, None].expand(-1, 4), torch.tensor(target)


def test_rows_are_targets_and_columns_are_predictions_of_held_out_data():
    target, predicted = [0, 0, 1, 2, 2, 2], [0, 1, 1, 0, 2, 2]
    names = Names(classes=("a", "b", "c"))
    sitter = Sitter(Fixed(scores), pairs([1] * 9, [1] * 9), pairs(target, predicted), names)
    confusion = paint(sitter.subject, REQUEST)
    assert confusion.counts == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]
    assert confusion.classes == ("a", "b", "c")
    assert confusion.source == "held out, 6"


def test_without_held_out_data_the_training_data_is_counted():
    confusion = paint(Sitter(Fixed(scores), pairs([1, 2], [1, 1])).subject, REQUEST)
    assert confusion.counts == [[0, 0, 0], [0, 1, 0], [0, 1, 0]]
    assert confusion.source == "training, 2"


def test_a_target_the_model_does_not_know_has_its_row():
    confusion = paint(Sitter(Fixed(scores), pairs([4, 0], [1, 0])).subject, REQUEST)
    assert len(confusion.counts) == len(confusion.classes) == 5
    assert confusion.counts[4] == [0, 1, 0, 0, 0]


def test_ignored_targets_are_not_counted():
    confusion = paint(Sitter(Fixed(scores), pairs([-100, 0], [1, 0])).subject, REQUEST)
    assert sum(map(sum, confusion.counts)) == 1


def test_large_data_is_sampled_evenly_and_says_so():
    target = [i % 3 for i in range(9_000)]
    sitter = Sitter(Fixed(scores), pairs(target, target))
    confusion = paint(sitter.subject, REQUEST)
    assert confusion.source == "training, 2000 of 9000"
    assert sum(map(sum, confusion.counts)) == 2_000
    assert sum(confusion.counts[i][i] for i in range(3)) == 2_000
    assert max(len(x) for x in sitter.asked) == 256


def test_two_classes_from_one_score():
    x = torch.tensor([[-1.0], [2.0], [3.0]])
    sitter = Sitter(Fixed(lambda x: x), (x, torch.tensor([False, True, False])))
    assert paint(sitter.subject, REQUEST).counts == [[1, 1], [0, 1]]
