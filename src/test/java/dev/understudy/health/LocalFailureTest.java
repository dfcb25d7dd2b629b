package dev.understudy.health;

import static dev.understudy.health.LocalFailure.BUFFERS;
import static dev.understudy.health.LocalFailure.DESCRIPTORS;
import static dev.understudy.health.LocalFailure.MEMORY;
import static dev.understudy.health.LocalFailure.PORTS;
import static dev.understudy.health.LocalFailure.THREADS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelException;
import io.netty.handler.codec.DecoderException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which exceptions are failures of this machine. */
class LocalFailureTest {
  static Stream<Arguments> exceptions() {
    return Stream.of(
        // NIO, and sockets and files of the JDK
        row(DESCRIPTORS, new SocketException("Too many open files")),
        row(DESCRIPTORS, new IOException("Too many open files in system")),
        row(DESCRIPTORS, new FileNotFoundException("/etc/hosts (Too many open files)")),
        row(PORTS, new BindException("Cannot assign requested address")),
        row(PORTS, new ConnectException("Cannot assign requested address")),
        row(PORTS, new BindException("Can't assign requested address")),
        row(BUFFERS, new SocketException("No buffer space available")),
        row(MEMORY, new IOException("Cannot allocate memory")),
        // epoll, in whatever language the system speaks
        row(DESCRIPTORS, natively("newSocketStream", 24, "Zu viele offene Dateien")),
        row(DESCRIPTORS, natively("newSocketStream", 23, "Too many open files")),
        row(PORTS, natively("connect", 99, "Cannot assign requested address")),
        row(BUFFERS, natively("writev", 105, "No buffer space available")),
        row(MEMORY, natively("connect", 12, "Cannot allocate memory")),
        // the Java runtime and Netty's own memory
        row(MEMORY, new OutOfMemoryError("Java heap space")),
        row(MEMORY, new OutOfMemoryError("Cannot reserve 1 bytes of direct buffer memory")),
        row(
            THREADS,
            new OutOfMemoryError(
                "unable to create native thread: possibly out of memory or process/resource limits"
                    + " reached")),
        // wrapped, as Netty does
        row(
            DESCRIPTORS,
            new ChannelException(
                "Unable to create Channel from class",
                new ChannelException(
                    "Failed to open a socket.", new SocketException("Too many open files")))),
        row(
            PORTS,
            new SocketException("Cannot assign requested address: /127.0.0.1:80"),
            new BindException("Cannot assign requested address")),
        row(MEMORY, new DecoderException(new OutOfMemoryError("Java heap space"))),
        // what a server, or the way to it, did
        row(null, new ConnectException("Connection refused")),
        row(null, natively("finishConnect", 111, "Connection refused")),
        row(null, natively("connect", 124, "No medium found")),
        row(null, natively("connect", 99_999_999, "no such number")),
        row(null, new NoRouteToHostException("No route to host")),
        row(null, new NoRouteToHostException(null)),
        row(null, new SocketException("Network is unreachable")),
        row(null, natively("connect", 101, "Network is unreachable")),
        row(null, natively("connect", 113, "No route to host")),
        // by a rule of the local firewall
        row(null, natively("connect", 1, "Operation not permitted")),
        row(null, natively("connect", 13, "Permission denied")),
        row(null, new SocketException("Permission denied")),
        row(null, new IOException("Connection reset by peer")),
        row(null, new ClosedChannelException()),
        // words of a server, quoted
        row(null, new DecoderException("invalid version format: Too many open files")),
        row(null, new IllegalArgumentException("the server says (none)")));
  }

  private static Arguments row(@Nullable LocalFailure expected, Throwable failure) {
    return Arguments.of(failure, expected);
  }

  private static Arguments row(@Nullable LocalFailure expected, Throwable outer, Throwable cause) {
    outer.initCause(cause);
    return row(expected, outer);
  }

  private static IOException natively(String call, int number, String words) {
    return new ConnectException(call + "(..) failed with error(-" + number + "): " + words);
  }

  @ParameterizedTest
  @MethodSource("exceptions")
  void an_exception_is_a_failure_of_this_machine_or_not(
      Throwable failure, @Nullable LocalFailure expected) {
    assertThat(LocalFailure.of(failure)).isEqualTo(expected);
  }

  @Test
  void nothing_is_no_failure_and_a_ring_of_causes_ends() {
    assertThat(LocalFailure.of(null)).isNull();
    IOException a = new IOException("a");
    IOException b = new IOException("b", a);
    a.initCause(b);
    assertThat(LocalFailure.of(a)).isNull();
  }
}
