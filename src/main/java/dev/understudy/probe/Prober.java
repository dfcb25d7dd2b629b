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
   * Longest duration of a probe, in time-outs, but for one more read: one that its own thread did
   * not attend to is given more time.
   */
  int MOST_TIMEOUTS = 5;

  /** How a probe waits if there is too little time for all: see {@link CheckQueue}. */
  enum Urgency {
    ROUTINE,
    /** As the last that counted of this server is too long ago. */
    LATE,
    /** As something speaks against the server, or for it after it was found bad. */
    SUSPECTED
  }

  /**
   * Parameters of one probe.
   *
   * @param address IP address to connect to
   * @param timeout time to the end of the response, as far as the prober's thread attended to the
   *     probe
   * @param started identifies the probe; copied to its observation
   * @param asked when it went on its way, by the same clock; {@code started} before that
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
      Instant asked,
      @Nullable ProxyHeader header,
      Urgency urgency) {
    /** Creates the parameters of a routine probe. */
    public Request(
        Server server,
        UpstreamTls tls,
        Check check,
        InetAddress address,
        Duration timeout,
        Instant started,
        @Nullable ProxyHeader header) {
      this(server, tls, check, address, timeout, started, started, header, Urgency.ROUTINE);
    }

    /**
     * The port to connect to: an agent's, the server's for probes, the check's, or the server's.
     */
    public int port() {
      OptionalInt own =
          check instanceof AgentCheck ? OptionalInt.empty() : server.settings().healthPort();
      return own.orElseGet(() -> check.connection().port().orElse(server.address().port()));
    }

    /** The same, with another urgency. */
    public Request with(Urgency other) {
      return new Request(server, tls, check, address, timeout, started, asked, header, other);
    }

    /** The same as it goes on its way, that long after it was asked for. */
    Request after(Duration waited) {
      return new Request(
          server, tls, check, address, timeout, started, started.plus(waited), header, urgency);
    }
  }

  /** A probe that was asked for. Safe for any thread. */
  interface InFlight {
    /** One that has ended, or never began. */
    InFlight NONE =
        new InFlight() {
          @Override
          public boolean isWaiting() {
            return false;
          }

          @Override
          public void hasten() {}

          @Override
          public void cancel() {}
        };

    /** Whether it has not gone on its way yet. */
    boolean isWaiting();

    /** If it is still waiting, it does so as a {@link Urgency#SUSPECTED} one. */
    void hasten();

    /** Ends it, its connection included; it is not reported unless it has been. */
    void cancel();
  }

  /**
   * Starts a probe as soon as there is time for it; never blocks. The prober alone ends it.
   *
   * @param done called exactly once, on an I/O thread, unless the probe is cancelled or the prober
   *     is closed
   */
  InFlight probe(Request request, Consumer<Observation.Probe> done);

  /** Whether a probe had to wait for long in the last half second; from any thread. */
  default boolean isCrowded() {
    return false;
  }
}
