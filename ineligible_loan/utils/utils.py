"""The binding of this project to service.spec."""

from service.spec import Spec
from service.spec.load_spec import load_spec


def load_spec_from_config(config: str) -> Spec:
    """Read a config and register every class of its file.

    >>> load_spec_from_config("batch").train.renew
    'once'
    """
    return load_spec("ineligible_loan", config)
