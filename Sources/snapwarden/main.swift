print("snapwarden")
