"""Versions of the libraries that wrote a model's files, held against those that are here."""

import importlib
from collections.abc import Collection, Iterable, Mapping

DISTRIBUTIONS = {"sklearn": "scikit-learn"}  # where a package is not called as what is imported
OF_THE_PLATFORM = ("numpy", "pandas", "pydantic")  # what any model is read and asked with


def read_versions(modules: Iterable[str]) -> dict[str, str]:
    """Read the versions of modules as they are here."""
    return {module: str(importlib.import_module(module).__version__) for module in sorted(modules)}


def pin_versions(versions: Mapping[str, str]) -> list[str]:
    """Say what a model needs as requirements of packages: those that wrote its files, and the platform's.

    >>> pin_versions({"sklearn": "1.9.1"})[0]
    'scikit-learn==1.9.1'
    """
    needed = {**versions, **read_versions(OF_THE_PLATFORM)}
    return [f"{DISTRIBUTIONS.get(module, module)}=={version}" for module, version in needed.items()]


def explain_unfit(versions: Mapping[str, str], same_minor: Collection[str]) -> str | None:
    """Say which library is missing, or of a version that can't be trusted to read what another one wrote."""
    for module, wrote in versions.items():
        package = DISTRIBUTIONS.get(module, module)
        try:
            here = str(importlib.import_module(module).__version__)
        except ImportError:
            return f"it was written with {package} {wrote}, which is not here: install {package}=={wrote}"
        fits = _minor(here) == _minor(wrote) if module in same_minor else _minor(here) >= _minor(wrote)
        if not fits:
            return f"it was written with {package} {wrote}, and here is {here}: install {package}=={wrote}"
    return None


def _minor(version: str) -> tuple[int, ...]:
    """Keep the two numbers of a version that tell what it can read."""
    return tuple(int(part) for part in version.split(".")[:2])
