package dev.understudy.pool;

/** One header line. */
public record Header(String name, String value) {}
