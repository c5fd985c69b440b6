import ArgumentParser

// Only a call: top-level code belongs to the main actor, and a handler written here would die on another queue.
Snapwarden.main(Environment.arguments)
