"""What whoever runs Tanhui can put right."""


class OperatorError(RuntimeError):
    """Tanhui can not do this as it is set up; the message says why and what to do."""
