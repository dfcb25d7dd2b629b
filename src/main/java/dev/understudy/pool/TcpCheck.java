package dev.understudy.pool;

import java.util.OptionalInt;

/** A probe that succeeds as soon as a connection stands (with TLS: the handshake is done). */
public record TcpCheck(OptionalInt port) implements Check {}
