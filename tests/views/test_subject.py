"""Samples, units and probabilities that the pictures share."""

import pytest
import torch
from foghill.engine.experiment.experiment import Names
from foghill.engine.views.subject import (
    columns,
    has_classes,
    has_number,
    held_out,
    probabilities,
    sample,
)
from sitter import Fixed, Sitter
from torch import nn


def test_a_sample_is_evenly_spaced_and_keeps_rows_together():
    x = torch.arange(5_000.0)
    taken, target = sample((x[:, None], x * 2))
    assert taken[:, 0].tolist() == [float(10 * i) for i in range(500)]
    assert torch.equal(target, taken[:, 0] * 2)


def test_a_small_part_is_taken_whole_and_a_missing_one_is_empty():
    part = torch.arange(7.0), torch.arange(7)
    assert sample(part) is part
    assert [len(t) for t in sample(None)] == [0, 0]
    assert [len(t) for t in sample((torch.empty(0, 3), torch.empty(0)))] == [0, 0]


def test_large_examples_are_sampled_less_often_but_some_always():
    photographs = torch.zeros(1, 3, 100, 100).expand(400, 3, 100, 100), torch.zeros(400)
    assert len(sample(photographs)[0]) == 33
    huge = torch.zeros(1, 3, 400, 400).expand(90, 3, 400, 400), torch.zeros(90)
    assert len(sample(huge)[0]) == 32


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (torch.zeros(4), 1),
        (torch.zeros(4, 1), 1),
        (torch.zeros(4, 3).double(), 3),
        (torch.zeros(4, 1, 2), 0),
        (torch.zeros(4, 2, dtype=torch.long), 0),
    ],
)
def test_columns_are_real_inputs(x, expected):
    assert columns(Sitter(nn.Identity(), train=(x, torch.zeros(4))).subject) == expected


@pytest.mark.parametrize(
    ("target", "classes", "number"),
    [
        (torch.zeros(4, dtype=torch.long), True, False),
        (torch.zeros(4, dtype=torch.bool), True, False),
        (torch.zeros(4), False, True),
        (torch.zeros(4, 1), False, True),
        (torch.zeros(4, 2), False, False),
        (torch.zeros(4, 2, dtype=torch.long), False, False),
        (torch.zeros(4, dtype=torch.complex64), False, False),
    ],
)
def test_the_target_says_what_is_learned(target, classes, number):
    subject = Sitter(nn.Identity(), train=(torch.zeros(4, 3), target)).subject
    assert has_classes(subject) == classes
    assert has_number(subject) == number


def test_the_model_is_judged_by_held_out_data_where_there_is_any():
    train, valid = (torch.zeros(4), torch.zeros(4)), (torch.ones(2), torch.ones(2))
    none = torch.empty(0), torch.empty(0)
    assert held_out(Sitter(nn.Identity(), train, valid).subject) == (*valid, "held out")
    assert held_out(Sitter(nn.Identity(), train, none).subject) == (*train, "training")
    assert held_out(Sitter(nn.Identity(), train).subject) == (*train, "training")


def test_numbers_come_back_in_the_unit_a_person_knows():
    names = Names(y="price", offset=100.0, scale=20.0)
    subject = Sitter(Fixed(lambda x: x * 0.5), names=names).subject
    assert subject.numbers(torch.tensor([[1.0], [-2.0]])).tolist() == [110.0, 80.0]


def test_names_fall_back_to_numbers():
    subject = Sitter(nn.Identity(), train=(torch.zeros(4, 3), torch.zeros(4))).subject
    assert [subject.input_name(i) for i in range(3)] == ["x1", "x2", "x3"]
    assert subject.class_names(2) == ("0", "1")
    named = Sitter(nn.Identity(), names=Names(x=("age",), classes=("cat",))).subject
    assert named.input_name(0) == "age"
    assert named.class_names(2) == ("cat", "1")


def test_probabilities_are_the_softmax_of_logits():
    logits = torch.tensor([[0.0, 1.0, -1.0]])
    expected = logits.exp() / logits.exp().sum()
    assert torch.allclose(probabilities(logits), expected)
    assert torch.allclose(probabilities(expected.log()), expected)


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_a_single_score_is_the_logit_of_class_one(shape):
    p = probabilities(torch.tensor([0.0, 100.0, -100.0]).reshape(shape))
    assert p.tolist() == [[0.5, 0.5], [0.0, 1.0], [1.0, 0.0]]


def test_scores_that_are_no_numbers_are_no_certainty():
    assert probabilities(torch.full((1, 2), float("nan"))).tolist() == [[0.0, 0.0]]
