package dev.understudy.probe;

import dev.understudy.health.Observation;
import dev.understudy.pool.Check;
import dev.understudy.pool.Server;
import dev.understudy.pool.UpstreamTls;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/** Runs probes. */
public interface Prober {
  /**
   * Parameters of one probe.
   *
   * @param address IP address of the server; the port is the check's, else the server's
   * @param timeout time from the call to the end of the response
   * @param started identifies the probe; copied to its observation
   */
  record Request(
      Server server,
      UpstreamTls tls,
      Check check,
      InetAddress address,
      Duration timeout,
      Instant started) {}

  /**
   * Starts a probe; never blocks.
   *
   * @param done called exactly once, on an I/O thread, unless the prober is closed
   */
  void probe(Request request, Consumer<Observation.Probe> done);
}
