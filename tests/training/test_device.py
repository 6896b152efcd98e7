"""Devices by name, what they can do, and telling that memory ran out."""

import pytest
import torch
from foghill.engine.training import device

gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def test_cpu_is_always_there():
    assert device.resolve("cpu", lesson=False) == torch.device("cpu")
    assert device.resolve(" CPU ", lesson=True) == torch.device("cpu")
    assert device.available()[0] == "cpu"


def test_auto_is_the_cpu_for_lessons():
    assert device.resolve("auto", lesson=True) == torch.device("cpu")


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(0, False, "cpu"), (2, False, "cuda:0"), (2, True, "cuda:0"), (0, True, "mps")],
)
def test_auto_takes_the_fastest_there_is(monkeypatch, cuda, mps, expected):
    pretend(monkeypatch, cuda, mps)
    assert device.resolve("auto", lesson=False) == torch.device(expected)


def pretend(monkeypatch, cuda: int, mps: bool) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


def test_cuda_without_a_number_is_the_first(monkeypatch):
    pretend(monkeypatch, 2, False)
    assert device.resolve("cuda", lesson=True) == torch.device("cuda:0")
    assert device.resolve("cuda:1", lesson=True) == torch.device("cuda:1")


@pytest.mark.parametrize(
    "name", ["cuda:2", "cuda:7", "cuda:-1", "cuda:x", "mps", "tpu", "", "meta"]
)
def test_a_device_that_is_not_there_is_refused_with_what_is(monkeypatch, name):
    pretend(monkeypatch, 2, False)
    with pytest.raises(ValueError) as refusal:
        device.resolve(name, lesson=False)
    assert repr(name) in str(refusal.value)
    assert "auto or one of cpu, cuda:0, cuda:1" in str(refusal.value)


def test_a_driver_without_a_device_counts_as_none(monkeypatch):
    pretend(monkeypatch, 0, False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert device.available() == ("cpu",)


def test_the_cpu_computes_in_two_precisions_and_reports_no_memory():
    cpu = torch.device("cpu")
    assert device.precisions(cpu) == ("fp32", "bf16")
    assert device.memory(cpu) is None
    device.synchronize(cpu)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("MPS backend out of memory (MPS allocated: 8.00 GB)"),
    ],
)
def test_memory_that_ran_out_is_told(error):
    assert device.out_of_memory(error)
    wrapped = ValueError("step() failed")
    wrapped.__cause__ = error
    assert device.out_of_memory(wrapped)


def test_torch_says_so_itself_on_the_cpu():
    with pytest.raises(RuntimeError) as refusal:
        torch.empty(1 << 60)
    assert device.out_of_memory(refusal.value)


def test_other_errors_are_not_memory():
    assert not device.out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not device.out_of_memory(ValueError("out of memory is a phrase"))


@gpu
@pytest.mark.gpu
def test_cuda_memory_is_what_tensors_hold():
    first = device.resolve("cuda", lesson=False)
    before = device.memory(first)
    held = torch.zeros(1 << 20, device=first)
    device.synchronize(first)
    after = device.memory(first)
    assert before is not None
    assert after is not None
    assert after.used - before.used == held.numel() * 4
    assert after.peak >= after.used
    assert after.total > after.peak
    assert {"fp32", "fp16"} <= set(device.precisions(first))


@gpu
@pytest.mark.gpu
def test_cuda_out_of_memory_is_told():
    with pytest.raises(RuntimeError) as refusal:
        torch.empty(1 << 50, device="cuda")
    assert device.out_of_memory(refusal.value)
