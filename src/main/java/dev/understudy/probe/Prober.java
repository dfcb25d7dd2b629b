package dev.understudy.probe;

import dev.understudy.health.Observation;
import dev.understudy.pool.Check;
import dev.understudy.pool.Server;
import dev.understudy.pool.UpstreamTls;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/** Carries out one probe. */
public interface Prober {
  /**
   * One probe to carry out.
   *
   * @param address of the server; the port is the check's, or else the server's
   * @param timeout from now to the end of the response
   * @param started becomes the observation's
   */
  record Request(
      Server server,
      UpstreamTls tls,
      Check check,
      InetAddress address,
      Duration timeout,
      Instant started) {}

  /** Starts it; never blocks. {@code done} is called exactly once, on an I/O thread. */
  void probe(Request request, Consumer<Observation.Probe> done);
}
