def aggregate(total, record):
    """Adds up the amounts of orders that are paid.

    An aggregate gets its value so far, as text, and returns its new value, which is also the output. It
    begins with the empty text, or with what `--aggregate-initial` says. An exception leaves it as it was.
    """
    total = float(total or 0)
    order = record.json()
    if order.get("status") != "paid":
        return total
    return total + order["amount"]
