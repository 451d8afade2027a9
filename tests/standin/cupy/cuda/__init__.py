"""`cupy.cuda`: one device that is always idle, as much of it as a program asks before it starts."""

from cupy import _standin
from cupy._standin import missing, need_device, wait
from cupy.cuda import runtime


def is_available() -> bool:
    """Whether there is a usable device."""
    try:
        return runtime.getDeviceCount() > 0
    except _standin.CUDARuntimeError:
        return False


def get_device_id() -> int:
    """The only device."""
    return runtime.getDevice()


class Device:
    """The only device."""

    compute_capability = "90"

    def __init__(self, device: int | None = None):
        need_device()
        if device not in (None, 0):
            raise _standin.CUDARuntimeError("cudaErrorInvalidDevice: invalid device ordinal")
        self.id = 0

    def use(self) -> "Device":
        return self

    def synchronize(self) -> None:
        wait("Device.synchronize")

    def __enter__(self) -> "Device":
        return self

    def __exit__(self, *error) -> None:
        pass

    def __eq__(self, other) -> bool:
        return isinstance(other, Device)

    def __int__(self) -> int:
        return self.id

    def __repr__(self) -> str:
        return f"<CUDA Device {self.id}>"

    def __getattr__(self, name: str):
        raise missing("cupy.cuda.Device", name)


class Stream:
    """A stream whose work is always done."""

    null: "Stream"

    def synchronize(self) -> None:
        wait("Stream.synchronize")

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *error) -> None:
        pass

    def __getattr__(self, name: str):
        raise missing("cupy.cuda.Stream", name)


Stream.null = Stream()


def get_current_stream() -> Stream:
    """The only stream."""
    return Stream.null


def __getattr__(name: str):
    raise missing("cupy.cuda", name)
