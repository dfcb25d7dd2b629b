package dev.understudy.bench.starved;

import dev.understudy.bench.peer.Child;
import dev.understudy.bench.peer.ProcFs;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.bench.startup.Form;
import dev.understudy.bench.startup.Start;
import dev.understudy.bench.starved.Visitors.View;
import dev.understudy.scenario.CpuGroup;
import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One proxy alone before its servers, with one client for each pool, in one scene. */
final class StarvedRun {
  /** Between two looks at what is going on. */
  private static final long STEP_MILLIS = 100;

  /** With all pools served: whether it stays so. */
  private static final Duration STAYS = Duration.ofSeconds(5);

  private final Scene scene;
  private final Times times;
  private final int rate;
  private final List<Integer> moved;
  private long peak;

  /**
   * How long each part is.
   *
   * @param age of the proxy until it gets its small share
   * @param settling under it, before the fault
   * @param limit from the fault until all pools have to be served
   */
  record Times(Duration age, Duration settling, Duration limit) {}

  /** How a proxy is started. */
  @FunctionalInterface
  interface Starter {
    Form before(Site site) throws IOException;
  }

  /**
   * @param rate requests to each pool each second
   */
  StarvedRun(Scene scene, Times times, int rate) {
    this.scene = scene;
    this.times = times;
    this.rate = rate;
    moved = scene.movedPools();
  }

  Outcome run(Path folder, Starter starter) throws IOException, InterruptedException {
    int port = Ports.free();
    Site site = Site.of(folder, List.of(port, port)).withPools(scene.pools());
    try (Servers servers = Servers.start(scene.pools(), port)) {
      Form form = starter.before(site);
      try (CpuGroup group = CpuGroup.make();
          Child proxy = Child.start("starved-" + form.port(), site.folder(), form.command());
          Visitors visitors = visit(form, proxy)) {
        TimeUnit.NANOSECONDS.sleep(times.age().toNanos());
        group.take(proxy.pid());
        if (scene.quotaPercent() > 0) {
          group.limit(scene.quotaPercent());
        }
        try (BusyLoops loops = BusyLoops.start(scene.loops(), group)) {
          loops.requireAll();
          return strike(form, proxy, servers, visitors);
        }
      }
    }
  }

  private Visitors visit(Form form, Child proxy) {
    proxy.await(
        () ->
            form.managementPort() == 0
                ? Start.isProxied(form.port())
                : UnderstudyJar.isReady(form.managementPort()));
    return Visitors.start(form.port(), scene.pools(), rate);
  }

  /** Has servers fail, and watches how it ends. */
  private Outcome strike(Form form, Child proxy, Servers servers, Visitors visitors)
      throws InterruptedException {
    long checks = servers.checks();
    long begun = System.nanoTime();
    watch(proxy, times.settling());
    long before = peak;
    double checksBefore = perSecond(servers.checks() - checks, begun);
    List<View> views = visitors.views();
    checks = servers.checks();
    long cpu = ProcFs.cpuNanos(proxy.pid());
    long struck = System.nanoTime();
    servers.strike(scene);
    awaitServed(proxy, visitors, struck);
    double seconds = (System.nanoTime() - struck) / 1e9;
    List<View> end = visitors.views();
    return new Outcome(
        form.title(),
        scene,
        served(end, struck),
        lost(views, end, 0, scene.masters()),
        lost(views, end, scene.masters(), scene.pools()),
        before,
        peak,
        checksBefore,
        perSecond(servers.checks() - checks, struck),
        (ProcFs.cpuNanos(proxy.pid()) - cpu) / 1e9 / seconds * 100,
        form.managementPort() == 0 ? "" : Overview.of(form.managementPort()));
  }

  private void awaitServed(Child proxy, Visitors visitors, long struck)
      throws InterruptedException {
    long served = 0;
    while (System.nanoTime() - struck < times.limit().toNanos()) {
      watch(proxy, Duration.ofMillis(STEP_MILLIS));
      boolean all = served(visitors.views(), struck).size() == moved.size();
      long now = System.nanoTime();
      served = !all ? 0 : served == 0 ? now : served;
      if (all && now - served > STAYS.toNanos()) {
        return;
      }
    }
  }

  /** The seconds of the pools whose backups serve them now. */
  private List<Double> served(List<View> views, long struck) {
    List<Double> seconds = new ArrayList<>();
    for (int pool : moved) {
      View view = views.get(pool);
      if (Servers.BACKUP.equals(view.body())) {
        seconds.add((view.sinceNanos() - struck) / 1e9);
      }
    }
    return seconds;
  }

  private static long lost(List<View> before, List<View> after, int from, int to) {
    long lost = 0;
    for (int pool = from; pool < to; pool++) {
      lost += after.get(pool).lost() - before.get(pool).lost();
    }
    return lost;
  }

  private static double perSecond(long count, long since) {
    return count / ((System.nanoTime() - since) / 1e9);
  }

  private void watch(Child proxy, Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    do {
      peak = Math.max(peak, ProcFs.descriptors(proxy.pid()));
      TimeUnit.MILLISECONDS.sleep(STEP_MILLIS);
    } while (System.nanoTime() - end < 0);
  }
}
