package dev.understudy.probe;

import dev.understudy.health.Observation;
import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.Check;
import dev.understudy.pool.ProxyHeader;
import dev.understudy.pool.Server;
import dev.understudy.pool.UpstreamTls;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs probes. */
public interface Prober {
  /**
   * Longest duration of a probe, in time-outs: one that its own thread did not attend to is given
   * more time.
   */
  int MOST_TIMEOUTS = 5;

  /**
   * Parameters of one probe.
   *
   * @param address IP address to connect to
   * @param timeout time to the end of the response, as far as the prober's thread attended to the
   *     probe
   * @param started identifies the probe; copied to its observation
   * @param header the PROXY protocol header that traffic begins with; null if with none. A probe
   *     that begins with one has that version, else the first
   */
  record Request(
      Server server,
      UpstreamTls tls,
      Check check,
      InetAddress address,
      Duration timeout,
      Instant started,
      @Nullable ProxyHeader header) {
    /**
     * The port to connect to: an agent's, the server's for probes, the check's, or the server's.
     */
    public int port() {
      OptionalInt own =
          check instanceof AgentCheck ? OptionalInt.empty() : server.settings().healthPort();
      return own.orElseGet(() -> check.connection().port().orElse(server.address().port()));
    }
  }

  /**
   * Starts a probe; never blocks.
   *
   * @param done called exactly once, on an I/O thread, unless the prober is closed
   */
  void probe(Request request, Consumer<Observation.Probe> done);
}
