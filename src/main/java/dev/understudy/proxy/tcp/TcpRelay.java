package dev.understudy.proxy.tcp;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.PoolId;
import dev.understudy.proxy.engine.Engine;
import dev.understudy.proxy.eventloop.PendingBytes;
import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.frontend.ClientMemory;
import dev.understudy.proxy.tcp.RelayMachine.RelayTransition;
import dev.understudy.snapshot.PoolState;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.ConnectionOutcome;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client, relayed to a server on the client's event loop, without copies. Tells
 * the {@link RelayMachine} what happens, and carries out what it says.
 */
// Channels and attempts are compared by identity.
@SuppressWarnings({"ReferenceEquality", "FutureReturnValueIgnored"})
final class TcpRelay extends SlotList.Element {
  private final RelayLoop loop;
  private final TcpListenerContext context;
  private final TcpRelayChannel client;
  private final RelayBeginning beginning;
  private final RelaySelection selection;
  private final long startedNanos = System.nanoTime();
  private RelayState state = RelayState.BEGINNING;

  /** How the connection ends, once that is decided. */
  private @Nullable ConnectionEnd end;

  /** What waits for the server; null until the connection is open. */
  private @Nullable PendingBytes toServer;

  TcpRelay(RelayLoop loop, SocketChannel client, TcpListenerContext context) {
    this.loop = loop;
    this.context = context;
    this.client = new TcpRelayChannel(this, client, false);
    this.beginning = new RelayBeginning(this, loop, context, client);
    this.selection = new RelaySelection(this, loop, beginning);
  }

  /** Builds the client's pipeline. */
  void install() {
    SocketChannel channel = client.channel();
    TcpRelayChannel.configure(channel.config());
    beginning.install(channel.pipeline());
    channel.pipeline().addLast(client);
  }

  // The machine.

  /** Takes an input, and does what follows from it. */
  void take(RelayInput input) {
    perform(step(input, null));
  }

  /** Resets both sides at once. */
  void cut(ConnectionEnd why) {
    perform(step(RelayInput.CUT, why));
  }

  private RelayAction step(RelayInput input, @Nullable ConnectionEnd why) {
    RelayTransition transition = RelayMachine.step(state, input);
    if (transition == null) {
      return RelayAction.NOTHING;
    }
    state = transition.next();
    if (transition.blame() != null) {
      selection.present().report(transition.blame());
    }
    end(why == null ? transition.end() : why);
    return transition.action();
  }

  /** The first end holds; no server is looked for from then on. */
  private void end(@Nullable ConnectionEnd why) {
    if (why != null && end == null) {
      end = why;
      selection.stop();
    }
  }

  private void perform(RelayAction action) {
    switch (action) {
      case NOTHING -> {}
      case CLOSE_UNCOUNTED -> client.channel().close();
      case SELECT -> selection.acquire();
      case CONNECT -> selection.connect(client);
      case RESELECT -> {
        selection.leave();
        selection.acquire();
      }
      case RETRY -> selection.retry(null);
      case JOIN -> join(selection.present());
      case SETTLE -> {
        client.part();
        selection.settle();
      }
      case SHUT_CLIENT -> client.shutOutput();
      case SHUT_SERVER -> server().shutOutput();
      case FINISH_BOTH -> {
        server().finish();
        client.finish();
      }
      case FINISH_SESSION -> {
        client.finish(PostgresqlSession.terminated());
        server().finish(PostgresqlSession.terminate());
      }
      case RESET_SERVER -> selection.reset();
      case RESET_BOTH -> {
        selection.reset();
        client.reset();
      }
      case RESET_CLIENT_AFTER_WRITES -> client.resetAfterWrites();
      case END -> over();
    }
  }

  private TcpRelayChannel server() {
    return selection.present().channel();
  }

  private boolean isServer(TcpRelayChannel side) {
    RelayAttempt attempt = selection.attempt();
    return attempt != null && attempt.isOf(side);
  }

  // The beginning.

  /** The client's channel is active. */
  void accepted() {
    if (!beginning.begin()) {
      take(RelayInput.NO_ADDRESS);
      return;
    }
    loop.begin(this);
    if (beginning.isOver() && !client.readNow()) {
      take(RelayInput.CLIENT_LEFT);
      return;
    }
    client.read();
    proceed();
  }

  /** Begins with a client that is connected, and whose first bytes were read and come next. */
  void takeOver(@Nullable String serverName) {
    install();
    beginning.named(serverName);
    if (beginning.begin()) {
      loop.begin(this);
      proceed();
    } else {
      take(RelayInput.NO_ADDRESS);
    }
  }

  /** A PROXY protocol header arrived. */
  void proxied() {
    if (loop.relays.limits.admit(client.channel(), beginning.clientAddress())) {
      client.read();
      proceed();
    } else {
      cut(ConnectionEnd.REFUSED);
    }
  }

  /** A TLS handshake ended. */
  void secured(TcpRelayChannel side, @Nullable Throwable cause) {
    if (cause != null) {
      failed(side, cause);
      side.channel().close();
    } else if (side == client) {
      beginning.secured(side.channel());
      client.read();
    } else if (isServer(side)) {
      opened();
    }
  }

  /** Looks for a server once nothing of the beginning is awaited any more. */
  void proceed() {
    if (state != RelayState.BEGINNING || !beginning.isOver()) {
      return;
    }
    PoolId pool = beginning.pool();
    if (pool == null) {
      cut(ConnectionEnd.REFUSED);
    } else {
      selection.begin(pool);
      take(RelayInput.IDENTIFIED);
    }
  }

  // The server.

  /** The server's channel is active: a PROXY protocol header was written. */
  void connected(TcpRelayChannel side) {
    if (!isServer(side)) {
      side.channel().close();
    } else if (selection.present().isTls()) {
      side.read();
    } else {
      opened();
    }
  }

  /** No connection could be made. */
  void connectFailed(Throwable cause) {
    if (step(RelayInput.CONNECT_FAILED, null) == RelayAction.RETRY) {
      selection.retry(cause);
    }
  }

  /** Leads back to the selection if the server being connected to must not be used any more. */
  void reconsider() {
    if (state == RelayState.CONNECTING && selection.mustLeave()) {
      take(RelayInput.SERVER_EXCLUDED);
    }
  }

  /**
   * Ends the relay if the client has ended its output while a connection was being made, and sent
   * nothing for a server; returns whether it did.
   */
  boolean endIfLeft() {
    boolean left = client.inputEnded() && !client.hasEarly();
    if (left) {
      take(RelayInput.CLIENT_LEFT);
    }
    return left;
  }

  private void opened() {
    RelayAttempt made = selection.attempt();
    loop.refresh();
    reconsider();
    // Either may have led to another server, whose connection is not made yet.
    if (made == selection.attempt()) {
      take(selection.brokenOff() ? RelayInput.CONNECTED_ANEW : RelayInput.CONNECTED);
    }
  }

  private void join(RelayAttempt made) {
    made.opened(beginning.clientAddress());
    loop.opened(this);
    if (toServer == null) {
      toServer = ClientMemory.toServer(client.channel());
    }
    made.connections().add(this);
    if (state.isEnding()) {
      return;
    }
    client.join(made.channel(), made);
    made.channel().join(client, made);
    if (client.inputEnded()) {
      inputEnded(client);
    }
    made.channel().readMore();
    client.readMore();
  }

  // Ends.

  /** Handles the end of a side's input. */
  void inputEnded(TcpRelayChannel side) {
    if (isServer(side)) {
      take(side.isTlsOver() ? RelayInput.SERVER_TLS_END : RelayInput.SERVER_END);
    } else if (side == client && selection.attempt() == null && !client.hasEarly()) {
      take(RelayInput.CLIENT_LEFT);
    } else if (side == client) {
      take(side.isTlsOver() ? RelayInput.CLIENT_TLS_END : RelayInput.CLIENT_END);
    }
  }

  /** Handles a failure, before the side's channel closes. */
  void failed(TcpRelayChannel side, Throwable cause) {
    if (side == client) {
      take(RelayInput.CLIENT_FAILED);
    } else if (isServer(side)) {
      connectFailed(cause);
    }
  }

  /**
   * A write to the server failed. What the server sent before is still read and written to the
   * client, for as long as the client takes some of it every 10 s.
   */
  void serverTakesNoMore(TcpRelayChannel side) {
    if (isServer(side)) {
      take(RelayInput.SERVER_WRITE_FAILED);
    }
  }

  /**
   * Handles the close of a side's channel.
   *
   * @param inOrder whether both of its directions had ended
   */
  void closed(TcpRelayChannel side, boolean inOrder) {
    if (side == client) {
      closed(selection.attempt() == null ? null : server(), inOrder, RelayInput.CLIENT_BROKE);
    } else if (isServer(side)) {
      closed(client, inOrder, RelayInput.SERVER_BROKE);
    }
  }

  private void closed(@Nullable TcpRelayChannel other, boolean inOrder, RelayInput broken) {
    if (other == null || other.isClosed()) {
      take(RelayInput.LAST_CLOSED);
    } else if (!inOrder) {
      take(broken);
    }
  }

  private void over() {
    RelayAttempt last = selection.attempt();
    if (last != null) {
      last.leave();
    }
    loop.ended(this);
    loop.engine
        .listener()
        .connectionEnded(
            new ConnectionOutcome(
                context.listener().id(),
                beginning.serverName(),
                selection.pool(),
                selection.lastServer(),
                beginning.from(),
                Objects.requireNonNull(end, "no end"),
                selection.attempts(),
                selection.heldNanos(),
                System.nanoTime() - startedNanos,
                client.bytes(),
                last == null ? 0 : last.channel().bytes()));
  }

  // For the loop.

  /**
   * Ends a session that is between two transactions as its server does when it is stopped: the
   * client learns that it may connect anew.
   */
  void leaveIfIdle() {
    RelayAttempt attempt = selection.attempt();
    if (attempt != null && attempt.isIdleSession()) {
      take(RelayInput.SESSION_IDLE);
    }
  }

  /** Leaves a pool in maintenance, unless it serves the client all the same. */
  void leaveIfExcluded(PoolState state) {
    if (state.excludes(beginning.clientAddress())) {
      cut(ConnectionEnd.MOVED);
    }
  }

  /** The server must be left after {@code wait}, within {@code over}; no plan is postponed. */
  void moveWithin(Duration wait, Duration over) {
    selection
        .present()
        .times()
        .moveAt(loop.sweepClock() + wait.toNanos() + Engine.random(over.toNanos()));
  }

  /** The connection may stay. */
  void stay() {
    selection.present().times().stay();
  }

  /** Whether it is decided how the connection ends. */
  boolean isEnding() {
    return state.isEnding();
  }

  /** Whether what comes before the bytes to relay is awaited. */
  boolean isBeginning() {
    return state == RelayState.BEGINNING;
  }

  /** When it was accepted, by {@link System#nanoTime}. */
  long startedNanos() {
    return startedNanos;
  }

  /** Checks the time limits of a connection that is not open. */
  void checkBeginning(long clock) {
    switch (state) {
      case BEGINNING -> beginning.check(clock);
      case WAITING -> selection.sweep();
      case CONNECTING -> {
        if (selection.present().isLate(clock)
            && step(RelayInput.CONNECT_FAILED, null) == RelayAction.RETRY) {
          selection.retry(Trouble.CONNECT_TIMED_OUT, "no connection in time");
        }
      }
      default -> {}
    }
  }

  /** Checks the time limits of an open connection. */
  void sweep(long clock, long idleNanos) {
    RelayAttempt open = selection.present();
    if (toServer != null) {
      toServer.count(PendingBytes.of(open.channel().channel()));
    }
    ConnectionEnd due = open.times().check(clock, idleNanos, state.isLingering());
    if (due != null) {
      cut(due);
    }
  }
}
