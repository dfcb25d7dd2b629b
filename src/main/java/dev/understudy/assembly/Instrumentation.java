package dev.understudy.assembly;

import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.traffic.TrafficListener;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.util.function.UnaryOperator;
import reactor.netty.http.server.HttpServer;

/**
 * The observers of a proxy that whoever starts it may give: where the access log goes, and hooks
 * for tests and benchmarks.
 *
 * @param accessLog where the access log is written
 * @param traffic wraps the telemetry's listener in another one
 * @param server changes each HTTP server of a listener before it is bound
 * @param guards remember rates and check passwords
 */
public record Instrumentation(
    OutputStream accessLog,
    UnaryOperator<TrafficListener> traffic,
    UnaryOperator<HttpServer> server,
    GuardRegistry guards) {

  /**
   * The access log on standard output, and nothing else. Written straight to it, because a logging
   * framework's lock would be shared with the event loops.
   */
  public static Instrumentation standard() {
    return loggingTo(new FileOutputStream(FileDescriptor.out));
  }

  /** The access log there, and nothing else. */
  public static Instrumentation loggingTo(OutputStream accessLog) {
    return new Instrumentation(
        accessLog, UnaryOperator.identity(), UnaryOperator.identity(), new GuardRegistry());
  }
}
