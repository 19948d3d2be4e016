limits = {}


def init(params):
    """Reads the parameters, once: `-e amount=100 -e city=Lyon`.

    An exception keeps the SmartStream from starting.
    """
    if "amount" not in params:
        raise ValueError("missing parameter amount: set it with -e amount=…")
    limits["amount"] = float(params["amount"])
    limits["city"] = params.get("city")


def filter(record):
    """Passes orders of at least an amount, from one city if you name one."""
    if not record.value.startswith("{"):
        return False
    order = record.json()
    return order.get("amount", 0) >= limits["amount"] and limits["city"] in (None, order.get("city"))
