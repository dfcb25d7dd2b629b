package dev.understudy.config;

import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.PoolSettings;
import dev.understudy.pool.RoleProof;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.StickySettings;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Maps a pool, fills in defaults and checks its parts against one another. */
record PoolMapper(RecordReader reader, RouteChecker checker, DnsSettings dns, Problems problems) {
  /** Returns the pool, or null after reporting problems. */
  @Nullable Pool map(String name, MapNode node) {
    int before = problems.count();
    RawPool raw = reader.read(node, RawPool.class);
    PoolSettings settings = raw.settings();
    SectionReader section = new SectionReader(node, problems);
    var servers = new ServersMapper(problems, dns.hold()).map(raw.servers(), node.map("servers"));
    boolean tcp = servers.protocol() == ServerAddress.Protocol.TCP;
    var health = new HealthMapper(reader, checker, tcp, section.child("health")).map(raw.health());
    String bundle = settings.tls().bundle();
    section.child("tls").wrong("bundle", bundle == null ? null : checker.bundleProblem(bundle));
    if (!tcp && servers.protocol() != null && settings.proxyProtocol() != null) {
      section.wrong(
          "proxy-protocol", "a pool of tcp:// or tls:// servers; HTTP servers get X-Forwarded-For");
    }
    hooks(settings.hooks(), raw.mode(), section);
    cookie(settings.sticky() == null ? null : settings.sticky().type(), section.child("sticky"));
    if (settings.http2() && tcp) {
      section.wrong("http2", "servers with an http or https URL");
    }
    var preset =
        RoleProof.defaultFailback(
            health.check(), tcp ? ServerAddress.Protocol.TCP : ServerAddress.Protocol.HTTP);
    var failback = failback(tcp, preset, section.child("failback"));
    if (problems.count() > before || problems.isAnyIn(node.path())) {
      return null;
    }
    return new Pool(
        new PoolId(name),
        raw.mode(),
        servers.servers(),
        health,
        failback,
        settings,
        servers.templates());
  }

  /** Maps {@code failback}, whose defaults depend on the rest of the pool. */
  private FailbackSettings failback(boolean tcp, Policy preset, SectionReader section) {
    FailbackSettings read =
        reader.read(section.map(), FailbackSettings.class, Map.of("policy", preset));
    if (section.has("zone") && !section.has("between") && section.isClean()) {
      section.wrong("zone", "only with between");
    }
    if (!tcp) {
      return read;
    }
    section.onlyWith("warm-up", "http servers");
    return new FailbackSettings(
        read.policy(), read.after(), null, read.maxTunnels(), read.between(), read.zone());
  }

  private void hooks(HookSettings hooks, PoolMode mode, SectionReader section) {
    if (!hooks.isEmpty() && mode == PoolMode.BALANCE) {
      section.wrong("hooks", "none in a balance pool, which has no role to move");
    }
    SectionReader demote = section.child("hooks").child("demote");
    hook(hooks.demote(), demote);
    if (hooks.demote() != null && hooks.demote().required()) {
      demote.wrong("required", "no such key, as a failover never waits for the fence");
    }
    hook(hooks.promote(), section.child("hooks").child("promote"));
  }

  private void hook(@Nullable Hook hook, SectionReader section) {
    if (hook == null) {
      return;
    }
    if (hook.command().isEmpty()) {
      if (hook.url() == null && section.isClean()) {
        section.missing("url", "a url, or a command");
      }
      return;
    }
    section.wrong(
        "command",
        hook.url() == null
            ? checker.programProblem(hook.command().getFirst())
            : "no command, as there is a url");
    if (!hook.headers().isEmpty()) {
      section.wrong("headers", "none, as there is a command");
    }
  }

  /** Checks that the application's cookie is named where it is the one. */
  private static void cookie(StickySettings.@Nullable Type type, SectionReader section) {
    boolean applications =
        type == StickySettings.Type.PREFIX || type == StickySettings.Type.APP_COOKIE;
    if (applications && !section.has("cookie") && section.isGood("cookie")) {
      section.missing("cookie", "the name of the application's cookie, such as JSESSIONID");
    }
    if (type == StickySettings.Type.CLIENT_ADDRESS && section.hasOwn("cookie")) {
      section.wrong("cookie", "no cookie, as type is client-address");
    }
  }
}
