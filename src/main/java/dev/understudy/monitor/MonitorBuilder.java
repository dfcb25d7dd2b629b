package dev.understudy.monitor;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.Standalone;
import dev.understudy.probe.AddressResolver;
import dev.understudy.probe.Prober;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The parts of a {@link Monitor}; all that is not given has a default. */
public final class MonitorBuilder {
  final Prober prober;
  final AddressResolver resolver;
  final List<ProbeListener> probeListeners = new ArrayList<>();
  Agreement agreement = Standalone.inMemory();
  private InstantSource clock = new MonotonicClock();
  RandomGenerator random = RandomGenerator.getDefault();
  @Nullable EventLog events;

  MonitorBuilder(Prober prober, AddressResolver resolver) {
    this.prober = prober;
    this.resolver = resolver;
  }

  /** Default: this process decides alone, in memory. */
  public MonitorBuilder agreement(Agreement value) {
    agreement = value;
    return this;
  }

  /** Time that never steps back; the same that dates events. Default: {@link MonotonicClock}. */
  public MonitorBuilder clock(InstantSource value) {
    clock = value;
    return this;
  }

  /** Where events go. Default: an {@link EventHistory} that nobody else sees. */
  public MonitorBuilder events(EventLog value) {
    events = value;
    return this;
  }

  /** For jitter. */
  public MonitorBuilder random(RandomGenerator value) {
    random = value;
    return this;
  }

  /** Told of every probe that ended; may be given several times. */
  public MonitorBuilder probeListener(ProbeListener value) {
    probeListeners.add(value);
    return this;
  }

  /** Starts the monitor's thread. */
  public Monitor build() {
    return build(new MonitorThread(clock));
  }

  Monitor build(Scheduler thread) {
    return new Monitor(this, thread);
  }
}
