def filter_map(record):
    """Passes the city and the amount of payments that failed, and drops everything else.

    A filter_map makes one record or none of each. The key stays as it is, since only a value is returned.
    """
    if not record.value.startswith("{"):
        return None
    order = record.json()
    return f"{order['city']} {order['amount']:.2f}" if order.get("status") == "failed" else None
