package dev.understudy.assembly;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.history.HistoryRecorder;
import dev.understudy.hook.HookRunner;
import dev.understudy.monitor.EventHistory;
import dev.understudy.monitor.HookCall;
import dev.understudy.monitor.HookCaller;
import dev.understudy.monitor.LocalFailures;
import dev.understudy.monitor.Monitor;
import dev.understudy.monitor.MonotonicClock;
import dev.understudy.monitor.ProbeListener;
import dev.understudy.monitor.Vitals;
import dev.understudy.notification.EventNotifier;
import dev.understudy.probe.DnsAddressResolver;
import dev.understudy.probe.NettyProber;
import dev.understudy.proxy.listener.ShutdownStep;
import dev.understudy.proxy.listener.UpstreamTlsContexts;
import dev.understudy.settings.AgreementSettings;
import dev.understudy.settings.StaticSettings;
import dev.understudy.text.BuildVersion;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/** Probes, the monitor and the agreement, with the events of the run. */
final class ControlPlane implements AutoCloseable {
  final MonotonicClock clock = new MonotonicClock();
  final HistoryRecorder history;
  final EventHistory events;
  final DnsAddressResolver resolver = new DnsAddressResolver();
  final Agreement agreement;
  final Monitor monitor;

  /** Told of each probe; those that are added follow the monitor, which therefore precedes them. */
  final List<ProbeListener> probeListeners = new CopyOnWriteArrayList<>();

  /** Told likewise of each call of a hook. */
  final List<BiConsumer<HookCall, HookCaller.Result>> hookListeners = new CopyOnWriteArrayList<>();

  /** The state of this process; known once the listeners are made. */
  volatile Supplier<CompletionStage<Vitals>> vitals =
      () -> CompletableFuture.failedFuture(new IllegalStateException("not known yet"));

  /** Null if there are no receivers. */
  final @Nullable EventNotifier notifications;

  private final RunEvents run;
  private final NettyProber prober;

  ControlPlane(StaticSettings settings, Environment environment, UpstreamTlsContexts tls) {
    Path file = settings.stateFile();
    history =
        file == null
            ? HistoryRecorder.inMemory(clock)
            : HistoryRecorder.besideStateFile(file, clock);
    events = new EventHistory(clock, history.lastId());
    events.subscribe(history::happened);
    run = new RunEvents(events, BuildVersion.read(), settings.config(), history.lastRun());
    LocalFailures failures = new LocalFailures();
    prober = new NettyProber(tls::offering, failures::happened);
    agreement = agreement(settings, environment, tls);
    // Made with the first call: most pools have none.
    SingletonSupplier<HookRunner> hooks =
        SingletonSupplier.of(() -> new HookRunner(settings.hooks().directory(), tls));
    monitor =
        Monitor.builder(prober, resolver)
            .agreement(agreement)
            .clock(clock)
            .events(events)
            .refused(new FatalStop())
            .localFailures(failures)
            .doubt(settings.doubt())
            .hooks(
                call ->
                    hooks
                        .obtain()
                        .call(call)
                        .whenComplete((result, failure) -> hookCalled(call, result)))
            .vitals(() -> vitals.get())
            .probeListener(
                (pool, server, outcome, took) ->
                    probeListeners.forEach(each -> each.probed(pool, server, outcome, took)))
            .build();
    notifications =
        settings.notifications().isEmpty()
            ? null
            : EventNotifierFactory.of(settings, environment, this, tls);
  }

  private void hookCalled(HookCall call, HookCaller.@Nullable Result result) {
    if (result != null) {
      hookListeners.forEach(each -> each.accept(call, result));
    }
  }

  private Agreement agreement(
      StaticSettings settings, Environment environment, UpstreamTlsContexts tls) {
    if (settings.agreement().mode() != AgreementSettings.Mode.STANDALONE) {
      return QuorumAgreementFactory.of(settings, environment, tls, clock.instant());
    }
    Path file = settings.stateFile();
    return file == null
        ? StandaloneAgreement.inMemory()
        : StandaloneAgreement.withFile(file, clock.instant());
  }

  /** Adds the first event of the run. */
  void start() {
    run.start();
  }

  /**
   * Leaves the agreement before {@code understudy.drain.delay}: the other replicas no longer wait
   * for this one's votes, while it continues to serve by the agreement.
   */
  static ShutdownStep leave(Agreement agreement) {
    return ShutdownStep.first(agreement::leave);
  }

  /** Closes the register after the monitor, and the history last, which so has the last event. */
  @Override
  public void close() {
    monitor.close();
    prober.close();
    resolver.close();
    agreement.close();
    run.close();
    if (notifications != null) {
      notifications.close();
    }
    history.close();
  }
}
