"""`cupy.cuda.runtime`: what a program asks about the device before it starts."""

from cupy._standin import CUDARuntimeError, missing, need_device, wait  # noqa: F401  CUDARuntimeError belongs here

is_hip = False


def getDeviceCount() -> int:
    """One device, or the error of a machine without."""
    need_device()
    return 1


def getDevice() -> int:
    """The current device."""
    need_device()
    return 0


def setDevice(device: int) -> None:
    """There is only one."""
    need_device()


def getDeviceProperties(device: int) -> dict:
    """A few properties, with a name that nobody mistakes for a GPU."""
    need_device()
    return {"name": b"strict stand-in (no GPU)", "major": 9, "minor": 0, "multiProcessorCount": 132}


def driverGetVersion() -> int:
    """0 where there is no driver, as in the real one."""
    try:
        return 13000 * getDeviceCount()
    except CUDARuntimeError:
        return 0


def runtimeGetVersion() -> int:
    """The CUDA version that the wheel was built for."""
    return 13020


def deviceSynchronize() -> None:
    """Waits."""
    wait("deviceSynchronize")


def memGetInfo() -> tuple[int, int]:
    """Free and total bytes: none."""
    need_device()
    return 0, 0


def __getattr__(name: str):
    raise missing("cupy.cuda.runtime", name)
