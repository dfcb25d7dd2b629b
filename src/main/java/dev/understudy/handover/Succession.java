package dev.understudy.handover;

import dev.understudy.handover.HandoverServer.Offer;
import dev.understudy.handover.Message.Kind;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handover to one successor.
 *
 * <table>
 *   <caption>What a message does; any other does nothing</caption>
 *   <tr><td>OFFERED</td><td>DESCRIPTORS</td><td>the descriptors are sent; a change of the state
 *   waits, as no message may stand between them</td></tr>
 *   <tr><td>OFFERED</td><td>RECEIVED</td><td>STARTING</td></tr>
 *   <tr><td>STARTING</td><td>READY</td><td>the tables are sent; ENDED if this process cannot hand
 *   over any more</td></tr>
 *   <tr><td>STARTING</td><td>ACCEPTING</td><td>LEADING: this process accepts no connections any
 *   more</td></tr>
 *   <tr><td>LEADING</td><td>LEADS</td><td>the operator is told</td></tr>
 *   <tr><td>LEADING</td><td>STATE, STOP</td><td>this process follows the state, stops</td></tr>
 * </table>
 *
 * <p>Before LEADING it is ENDED when the successor ends, when {@link #LIMIT} is over, or when this
 * process stops; this process then goes on as before, whatever the successor still sends.
 */
final class Succession implements Line.Listener {
  private static final Logger log = LoggerFactory.getLogger(Succession.class);

  /**
   * From a successor's first message until it accepts connections: some seconds, or a minute with a
   * tenth of a CPU, of which the running process takes its part.
   */
  static final Duration LIMIT = Duration.ofMinutes(7);

  /** How far the handover is, and the messages that count then. */
  @SuppressWarnings("ImmutableEnumChecker") // the set is immutable
  enum Phase {
    OFFERED(Kind.DESCRIPTORS, Kind.RECEIVED),
    STARTING(Kind.READY, Kind.ACCEPTING),
    LEADING(Kind.LEADS, Kind.STATE, Kind.STOP),
    ENDED;

    private final Set<Kind> messages;

    Phase(Kind... messages) {
      this.messages = Set.of(messages);
    }

    boolean takes(Kind message) {
      return messages.contains(message);
    }

    /** The phase after a message that this one takes. */
    Phase after(Kind message) {
      return switch (message) {
        case RECEIVED -> STARTING;
        case ACCEPTING -> LEADING;
        default -> this;
      };
    }
  }

  private final HandoverServer server;
  private final Line line;
  private final long pid;
  private final String version;
  private final ScheduledFuture<?> limit;
  private final CompletableFuture<Void> led = new CompletableFuture<>();
  private Phase phase = Phase.OFFERED;
  private @Nullable Offer offer;

  /** The newest state that waits for {@link Phase#STARTING}. */
  private @Nullable Map<String, String> waiting;

  Succession(HandoverServer server, Line line, Message hello) {
    this.server = server;
    this.line = line;
    this.pid = line.pid();
    this.version = String.valueOf(hello.version());
    this.limit =
        server.after(LIMIT, () -> giveUp("it did not serve within " + LIMIT.toSeconds() + " s"));
  }

  void begin() {
    log.info("Process {} of version {} wants to take over", pid, version);
    Offer made = server.host.offer(state -> line.execute(() -> changed(state)));
    offer = made;
    if (made.sockets().isEmpty()) {
      phase = Phase.STARTING;
    }
    var unused =
        line.send(
            new Message(
                Kind.OFFER,
                server.version,
                ProcessHandle.current().pid(),
                null,
                made.sockets(),
                made.state()));
  }

  private void changed(Map<String, String> state) {
    switch (phase) {
      case OFFERED -> waiting = state;
      case STARTING -> send(state);
      case LEADING, ENDED -> {}
    }
  }

  private void send(Map<String, String> state) {
    var unused = line.send(Message.state(Kind.STATE, state));
  }

  @Override
  public void message(Message message) {
    Kind kind = message.kind();
    if (!phase.takes(kind)) {
      return;
    }
    phase = phase.after(kind);
    switch (kind) {
      case DESCRIPTORS -> sendDescriptors();
      case RECEIVED -> received();
      case READY -> ready();
      case ACCEPTING -> handOver();
      case LEADS -> {
        server.report(new Message(Kind.UPGRADED, version, pid, null, null, null));
        led.complete(null);
      }
      case STATE -> {
        if (message.state() != null) {
          server.host.follow(message.state());
        }
      }
      case STOP -> server.host.stop();
      default -> throw new IllegalStateException("no phase takes " + kind);
    }
  }

  private void sendDescriptors() {
    Offer made = offer;
    if (made != null) {
      made.descriptors().forEach(each -> line.send(new FileDescriptor(each)));
    }
  }

  private void received() {
    Map<String, String> missed = waiting;
    waiting = null;
    if (missed != null) {
      send(missed);
    }
    server.report(
        Message.told(Kind.PROGRESS, "process " + pid + " has the sockets, and is starting"));
  }

  private void ready() {
    String why = server.host.refusal();
    if (why == null) {
      var unused = line.send(Message.state(Kind.TABLES, server.host.tables()));
    } else {
      giveUp(why);
    }
  }

  private void handOver() {
    limit.cancel(false);
    send(server.host.handOver(pid, this::send, led));
    log.info("Process {} of version {} has taken over", pid, version);
    var unused = line.send(Message.of(Kind.DONE));
  }

  @Override
  public void descriptor(FileDescriptor descriptor) {
    line.close();
  }

  @Override
  public void closed() {
    if (phase == Phase.LEADING) {
      server.report(
          Message.told(Kind.REFUSED, "process " + pid + " took over, but has ended since"));
      led.complete(null);
    } else {
      giveUp("it ended");
    }
  }

  /** Ends the handover, unless the successor leads already. */
  void giveUp(String why) {
    if (phase == Phase.LEADING || phase == Phase.ENDED) {
      return;
    }
    phase = Phase.ENDED;
    server.givenUp();
    limit.cancel(false);
    server.refuse(line, why);
    log.warn("Process {} has not taken over: {}; nothing has changed here", pid, why);
    server.host.resume(ProcessEnd.of(pid));
    server.report(Message.told(Kind.REFUSED, "process " + pid + " has not taken over: " + why));
  }
}
