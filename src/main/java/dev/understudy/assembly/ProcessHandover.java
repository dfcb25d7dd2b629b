package dev.understudy.assembly;

import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.handover.HandoverException;
import dev.understudy.handover.HandoverServer;
import dev.understudy.handover.OfferedSocket;
import dev.understudy.handover.Predecessor;
import dev.understudy.proxy.listener.Listeners;
import dev.understudy.proxy.listener.ShutdownStep;
import dev.understudy.reload.LiveConfiguration;
import dev.understudy.settings.StaticSettings;
import dev.understudy.snapshot.PoolState;
import dev.understudy.text.BuildVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's part in handovers: takes over from a predecessor once it could serve, and hands
 * over to a successor, after which it only finishes what it has begun, and ends.
 */
public final class ProcessHandover implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ProcessHandover.class);

  /** The longest wait for the end of a process that has not taken over. */
  private static final long END_SECONDS = 30;

  /**
   * The longest wait for the objects of a cluster. Some of the predecessor's listeners come from
   * them, and would close at the handover. After this time the process takes over without them.
   */
  private static final long ADDITION_SECONDS = 20;

  /** The state of a process that decides alone, in the form of the state file. */
  static final String AGREEMENT = "agreement";

  /** The incarnation under which a replica votes. */
  static final String INCARNATION = "incarnation";

  /** What a process that is replaced has ended for planned switches. */
  static final String RELEASES = "releases";

  /** The servers at which hooks run. */
  static final String HOOKS = "hooks";

  private final StaticSettings.Handover settings;
  private final @Nullable Predecessor predecessor;
  private final ControlPlane control;
  private final DataPlane data;
  private final Listeners listeners;
  private final LiveConfiguration file;
  private final WarmUp warmUp;
  private final Duration grace;
  private final List<LongConsumer> followers = new CopyOnWriteArrayList<>();
  private final Host host = new Host();

  /** Takes what this process decides while it hands over; null otherwise. */
  private volatile @Nullable Consumer<Map<String, String>> offeredTo;

  private volatile boolean leads;
  private volatile boolean retired;
  private volatile @Nullable HandoverServer server;

  /** Completed when this process stops: it takes nothing over then. */
  private final CompletableFuture<Void> stopping = new CompletableFuture<>();

  /** Completed once the predecessor has ended, if it was told to stop. */
  private volatile CompletionStage<?> stopped = CompletableFuture.completedFuture(null);

  /**
   * @param predecessor null if there is none
   * @param grace time for WebSockets and streams of a process that is being replaced
   */
  ProcessHandover(
      StaticSettings.Handover settings,
      @Nullable Predecessor predecessor,
      ControlPlane control,
      DataPlane data,
      Listeners listeners,
      LiveConfiguration file,
      WarmUp warmUp,
      Duration grace) {
    this.settings = settings;
    this.predecessor = predecessor;
    this.control = control;
    this.data = data;
    this.listeners = listeners;
    this.file = file;
    this.warmUp = warmUp;
    this.grace = grace;
    this.leads = predecessor == null;
    if (predecessor != null) {
      file.inheritListeners();
    }
    if (control.agreement instanceof StandaloneAgreement alone) {
      alone.whenSaved(() -> decided(alone));
    }
  }

  /** Tells the processes that follow this one. */
  private void decided(StandaloneAgreement alone) {
    Consumer<Map<String, String>> next = offeredTo;
    if (next != null) {
      next.accept(Map.of(AGREEMENT, alone.state()));
    }
    if (predecessor != null && leads) {
      predecessor.tell(Map.of(AGREEMENT, alone.state()));
    }
  }

  /** Finds the process that is to be replaced; null if there is none. */
  static @Nullable Predecessor predecessor(StaticSettings.Handover settings) {
    if (settings.socket() == null) {
      return null;
    }
    try {
      Predecessor found = Predecessor.find(settings.socket(), version());
      if (found != null) {
        log.info("Taking over from process {} of version {}", found.pid(), found.version());
      }
      return found;
    } catch (HandoverException e) {
      throw new IllegalStateException(
          "understudy.handover.socket: %s: the process that listens there does not hand over: %s"
              .formatted(settings.socket(), e.getMessage()),
          e);
    }
  }

  /** Whether this process leads its replica: no predecessor does any more, and no successor. */
  public boolean leads() {
    return leads;
  }

  /** Has {@code follower} called with the number of the process that takes over, once one does. */
  public void whenReplaced(LongConsumer follower) {
    followers.add(follower);
  }

  /**
   * Takes over, as all servers are judged and the context is there; without a predecessor, listens
   * for a successor. Returns at once. A process that cannot take over ends.
   */
  public void ready() {
    Path socket = settings.socket();
    if (socket != null) {
      control.monitor.whenStarted(
          () ->
              Thread.ofPlatform()
                  .name("understudy-take-over")
                  .daemon()
                  .start(
                      () -> {
                        awaitAddition();
                        begin(socket);
                      }));
    }
  }

  /** Waits without the lock: a stop must not wait for it. */
  private void awaitAddition() {
    if (predecessor != null) {
      CompletableFuture.anyOf(file.firstAddition(), stopping)
          .completeOnTimeout(null, ADDITION_SECONDS, TimeUnit.SECONDS)
          .join();
      CompletableFuture.anyOf(warmUp.end(), stopping).join();
      file.endInheritance();
    }
  }

  private synchronized void begin(Path socket) {
    if (stopping.isDone()) {
      return;
    }
    if (predecessor != null && !takeOver(predecessor)) {
      return;
    }
    try {
      server = HandoverServer.listen(socket, host, version());
    } catch (IOException e) {
      log.error("This process cannot hand over to a later one: {}: {}", socket, e.getMessage());
    }
    if (predecessor != null) {
      predecessor.leads();
    }
  }

  private boolean takeOver(Predecessor from) {
    try {
      Map<String, String> tables = from.ready().join();
      control.restore(tables);
      data.restore(tables);
      listeners.accept();
      from.accepting().join();
    } catch (CompletionException e) {
      new FatalStop().accept("process " + from.pid() + " has not handed over: " + reason(e));
      return false;
    } catch (RuntimeException e) {
      new FatalStop()
          .accept("the ports of process " + from.pid() + " cannot be opened: " + e.getMessage());
      return false;
    }
    control.files.begin();
    leads = true;
    control.agreement.lead();
    log.info("Took over from process {}", from.pid());
    file.releaseListeners();
    return true;
  }

  private static String reason(CompletionException e) {
    Throwable cause = e.getCause();
    return cause instanceof HandoverException
        ? String.valueOf(cause.getMessage())
        : "it did not respond in time";
  }

  private static String version() {
    String known = BuildVersion.read();
    return known == null ? "unknown" : known;
  }

  /**
   * This process stops: no successor goes on in its place, and the predecessor, which a service
   * manager would kill, finishes now what it still runs. One that ends as it was replaced leaves
   * the predecessor to those that follow.
   */
  void stopping() {
    stopping.complete(null);
    HandoverServer listening = server;
    if (listening != null) {
      listening.stopping();
    }
    if (leads) {
      stopPredecessor();
    }
  }

  private void stopPredecessor() {
    if (predecessor != null) {
      stopped = predecessor.stop();
    }
  }

  /** Waits for a predecessor that stops too. */
  ShutdownStep predecessorStep() {
    return ShutdownStep.drain(() -> stopped);
  }

  /** Ends the listening for a successor. */
  @Override
  public void close() {
    stopping.complete(null);
    closeAll();
  }

  private synchronized void closeAll() {
    HandoverServer listening = server;
    if (listening != null) {
      listening.close();
    }
    if (predecessor != null) {
      predecessor.close();
    }
  }

  /** Lets the file change listeners again, once the other process leaves the ports alone. */
  private void releaseListenersAfter(CompletableFuture<?> end) {
    var unused =
        end.completeOnTimeout(null, END_SECONDS, TimeUnit.SECONDS)
            .thenRunAsync(
                file::releaseListeners,
                Thread.ofPlatform().name("understudy-handover-end").daemon()::start);
  }

  /** Accepts no connection any more, and ends once those that there are have ended. */
  private void retire(long successor, CompletableFuture<?> led) {
    retired = true;
    leads = false;
    followers.forEach(each -> each.accept(successor));
    releaseListenersAfter(
        listeners.handOver().thenRun(data.frontend::handOver).toCompletableFuture());
    new Retirement(data, control, grace, settings.connections(), led).begin(successor);
  }

  /** What a successor gets, and when. */
  private final class Host implements HandoverServer.Host {
    @Override
    public @Nullable String refusal() {
      if (retired) {
        return "this process has handed over already";
      }
      if (data.frontend.isStopping()) {
        return "this process is stopping";
      }
      if (!control.agreement.contact().holds()) {
        return "this replica is out of touch with the others, and the next process would be too";
      }
      for (PoolState pool : control.monitor.current().pools()) {
        // One that is scheduled begins in the next process.
        if (pool.planned() != null && pool.planned().phase().pauses()) {
          return "a planned switch of pool " + pool.pool().id() + " is under way";
        }
      }
      return null;
    }

    @Override
    public HandoverServer.Offer offer(Consumer<Map<String, String>> changes) {
      file.keepListeners();
      control.files.end();
      Map<String, String> state = new HashMap<>();
      if (control.agreement instanceof StandaloneAgreement alone) {
        offeredTo = changes;
        state.put(AGREEMENT, alone.state());
      } else {
        state.put(INCARNATION, control.incarnation);
      }
      List<OfferedSocket> sockets = new ArrayList<>();
      List<Integer> descriptors = new ArrayList<>();
      listeners.offer(
          (socket, descriptor) -> {
            sockets.add(socket);
            descriptors.add(descriptor);
          });
      return new HandoverServer.Offer(sockets, descriptors, state);
    }

    @Override
    public Map<String, String> tables() {
      Map<String, String> all = new HashMap<>(control.tables());
      all.putAll(data.tables());
      return all;
    }

    @Override
    public Map<String, String> handOver(
        long pid, Consumer<Map<String, String>> news, CompletableFuture<?> led) {
      offeredTo = null;
      control.agreement.follow();
      control.releases.whenTold(() -> news.accept(Map.of(RELEASES, control.releases.text())));
      control.runningCalls.handOver(() -> news.accept(Map.of(HOOKS, control.runningCalls.text())));
      Map<String, String> last = new HashMap<>();
      last.put(RELEASES, control.releases.text());
      last.put(HOOKS, control.runningCalls.text());
      if (control.agreement instanceof StandaloneAgreement alone) {
        last.put(AGREEMENT, alone.state());
      }
      retire(pid, led);
      return last;
    }

    @Override
    public void follow(Map<String, String> state) {
      control.follow(state);
      if (predecessor != null) {
        predecessor.tell(state);
      }
    }

    @Override
    public void stop() {
      log.info("Stopping, together with the process that has taken over");
      stopPredecessor();
      Retirement.exit();
    }

    @Override
    public void resume(CompletableFuture<?> exit) {
      offeredTo = null;
      control.files.begin();
      releaseListenersAfter(exit);
    }
  }
}
