Snapwarden.main()
