package dev.understudy.pool;

import java.util.OptionalInt;

/** A probe that succeeds as soon as the connection is established, TLS negotiation included. */
public record TcpCheck(OptionalInt port) implements Check {}
