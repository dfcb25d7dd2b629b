package dev.understudy.reload;

import dev.understudy.config.DynamicConfig;
import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DailyWindow;
import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.ErrorPage;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.ExpectedHeader;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FirstBytes;
import dev.understudy.pool.Header;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.PasswordHash;
import dev.understudy.pool.PodNames;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.PoolSettings;
import dev.understudy.pool.ProxyHeader;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Regex;
import dev.understudy.pool.RevocationLists;
import dev.understudy.pool.RoleLabel;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerSettings;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.pool.StatusSet;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.TrustedCertificates;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.pool.UserList;
import dev.understudy.pool.WarmUpSettings;
import dev.understudy.testing.PemAuthority;
import dev.understudy.testing.TestSettings;
import io.netty.pkitesting.CertificateBuilder;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** Configurations that differ from a full one in one component each, found by reflection. */
final class RecordVariations {
  /** Stands where a secret may stand. */
  static final String SECRET = "hunter2";

  /**
   * @param path the classes and components that lead to the one that differs
   */
  record Variation(String path, Object changed) {
    @Override
    public String toString() {
      return path;
    }
  }

  /** A condition that compares a secret. */
  static final String SECRET_WHEN = "header(X-Key, " + SECRET + ")";

  private RecordVariations() {}

  private static final PemAuthority AUTHORITY = new PemAuthority("CN=authority");
  private static final PemAuthority.Issued SITE = AUTHORITY.issue("CN=site", "EC");
  private static final Duration TIME = Duration.ofSeconds(10);
  private static final DynamicConfig FULL = make();

  /** With every optional setting. */
  static DynamicConfig full() {
    return FULL;
  }

  private static DynamicConfig make() {
    Pool pool =
        new Pool(
            new PoolId("shop"),
            PoolMode.FAILOVER,
            servers(),
            health(),
            failback(),
            settings(),
            templates());
    RoutePart predicate = new RoutePart("Header", Map.of("value", SECRET), "tls");
    RoutePart filter = new RoutePart("AddRequestHeader", Map.of("value", SECRET), SECRET_WHEN);
    RouteSpec route =
        new RouteSpec(
            "x",
            "https://user:" + SECRET + "@shop.example",
            0,
            List.of(predicate),
            List.of(filter),
            Map.of("key", SECRET));
    ErrorPages pages =
        new ErrorPages(
            Map.of(404, new ErrorPage(SECRET, null)),
            Map.of(pool.id(), Map.of(503, new ErrorPage(SECRET, SECRET))));
    UserList.User user = new UserList.User(PasswordHash.of("{plain}" + SECRET), Set.of(SECRET));
    return new DynamicConfig(
        List.of(pool),
        List.of(new RoutePart("SetRequestHeader", Map.of("v", SECRET), "tls")),
        List.of(route),
        pages,
        List.of(listener()),
        new DnsSettings(List.of("192.0.2.53:53"), TIME),
        Map.of("users", new UserList(Map.of(SECRET, user))));
  }

  private static HealthSettings health() {
    StatusSet status = StatusSet.parse("200");
    Regex regex = Regex.of(SECRET);
    Header field = new Header("Authorization", SECRET);
    ExpectedHeader late = new ExpectedHeader("X-Late", SECRET);
    ExpectedHeader ready = new ExpectedHeader("X-Ready", SECRET);
    var rule = new Expectation.Rule(true, status, SECRET, regex, late);
    var expected = new Expectation(status, SECRET, regex, ready, List.of(rule));
    var own = new CheckConnection(OptionalInt.of(8081), true, false);
    String path = "/status?key=" + SECRET;
    String host = "shop.example";
    var check = new HttpCheck("GET", path, host, List.of(field), expected, SECRET, own);
    var agent = new AgentCheck(9999, "agent.example", TIME, SECRET);
    return (HealthSettings) with(HealthSettings.DEFAULT, Map.of("check", check, "agent", agent));
  }

  private static List<Server> servers() {
    ServerAddress address = TestSettings.address(false, "192.0.2.1", 80);
    return List.of(new Server(new ServerId("a"), address, "192.0.2.1", settings(Rank.MASTER)));
  }

  private static List<ServerTemplate> templates() {
    ServerAddress address = TestSettings.address(false, "t.example", 80);
    RoleLabel label = new RoleLabel("role", "primary");
    PodNames pods = new PodNames(Set.of("t-0", "t-1"), false);
    var records = ServerTemplate.Records.ADDRESSES;
    ServerSettings settings = settings(Rank.BACKUP);
    return List.of(
        new ServerTemplate(
            new ServerId("t"), address, records, 3, settings, TIME, "http", label, pods, 7));
  }

  private static FailbackSettings failback() {
    return (FailbackSettings)
        with(
            FailbackSettings.DEFAULT,
            Map.of(
                "warmUp", new WarmUpSettings("/?key=" + SECRET, 50, TIME),
                "maxTunnels", OptionalInt.of(10),
                "between", DailyWindow.parse("02:00-04:00")));
  }

  private static PoolSettings settings() {
    Map<String, String> fields = Map.of("Authorization", SECRET);
    List<String> command = List.of("program", SECRET);
    Hook hook = new Hook("http://hooks.example/?key=" + SECRET, command, fields, TIME, false);
    Record sticky = with(StickySettings.DEFAULT, Map.of("secure", true, "domain", "shop.example"));
    return (PoolSettings)
        with(
            PoolSettings.DEFAULT,
            Map.of(
                "passive",
                PassiveSettings.DEFAULT,
                "sticky",
                sticky,
                "tls",
                new UpstreamTls("ca", "shop.example", true, trusted("a")),
                "proxyProtocol",
                ProxyHeader.V1,
                "hooks",
                new HookSettings(hook, hook)));
  }

  private static TrustedCertificates trusted(String name) {
    try {
      return new TrustedCertificates(
          List.of(
              new CertificateBuilder()
                  .subject("CN=" + name)
                  .setIsCertificateAuthority(true)
                  .buildSelfSigned()
                  .getCertificate()));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static ServerSettings settings(Rank rank) {
    return new ServerSettings(
        rank, OptionalInt.of(500), 1, OptionalInt.of(8008), "check.example", "zone-1");
  }

  private static Listener listener() {
    ListenerTls tls =
        new ListenerTls(
            List.of(Path.of("/etc/ssl/site.pem")),
            "web",
            ListenerTls.ClientAuth.OPTIONAL,
            Path.of("/etc/ssl/ca.pem"),
            true,
            "TLSv1.2",
            false,
            Path.of("/etc/ssl/revoked.pem"),
            List.of(new CertifiedKey("site.pem", SITE.key(), SITE.chain())),
            SITE.chain(),
            new RevocationLists(List.of(AUTHORITY.revoking())));
    PoolId database = new PoolId("database");
    Map<String, PoolId> names = Map.of("db.example", database);
    Map<FirstBytes, PoolId> protocols = Map.of(FirstBytes.SSH, database);
    return new Listener(
        "web", "127.0.0.1", 8443, database, names, protocols, TIME, false, false, tls, null);
  }

  /** What no file has: only objects of a cluster make it, in listeners without all the rest. */
  private static final String OF_CLUSTERS = "Listener.uses";

  /** The record with another value of one component. */
  static Record with(Record of, String name, Object value) {
    return with(of, Map.of(name, value));
  }

  private static Record with(Record of, Map<String, Object> others) {
    RecordComponent[] components = of.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      Object other = others.get(components[i].getName());
      values[i] = other == null ? value(components[i], of) : other;
    }
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      var constructor = of.getClass().getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return (Record) constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new AssertionError(of.getClass() + " with " + others, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static Object value(RecordComponent component, Record of) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** Every variation of the record. */
  static List<Variation> of(Record whole) {
    List<Variation> all = new ArrayList<>();
    for (RecordComponent component : whole.getClass().getRecordComponents()) {
      String path = whole.getClass().getSimpleName() + "." + component.getName();
      if (path.equals(OF_CLUSTERS)) {
        continue;
      }
      for (Variation each : of(path, component, value(component, whole))) {
        Map<String, Object> others = new HashMap<>();
        if (whole instanceof Pool pool) {
          others.putAll(ofOneProtocol(pool, component.getName(), each.changed()));
        }
        others.put(component.getName(), each.changed());
        all.add(new Variation(each.path(), with(whole, others)));
      }
    }
    return all;
  }

  /** A pool whose servers speak something else has such servers from DNS too, and the reverse. */
  private static Map<String, Object> ofOneProtocol(Pool pool, String changed, Object value) {
    if (changed.equals("servers")) {
      ServerAddress address = ((Server) ((List<?>) value).getFirst()).address();
      return Map.of("templates", spoken(pool.templates().getFirst(), address));
    }
    if (changed.equals("templates")) {
      ServerAddress address = ((ServerTemplate) ((List<?>) value).getFirst()).address();
      return Map.of("servers", spoken(pool.servers().getFirst(), address));
    }
    return Map.of();
  }

  private static List<Record> spoken(Record server, ServerAddress as) {
    ServerAddress own =
        server instanceof Server one ? one.address() : ((ServerTemplate) server).address();
    return List.of(with(server, "address", with(own, "protocol", as.protocol())));
  }

  private static List<Variation> of(String path, RecordComponent component, Object value) {
    if (value instanceof Record record) {
      return below(path, of(record));
    }
    if (value instanceof List<?> list
        && list.getFirst() instanceof Record record
        && !(record instanceof CertifiedKey)) {
      List<Variation> all = new ArrayList<>();
      for (Variation each : below(path, of(record))) {
        all.add(new Variation(each.path(), List.of(each.changed())));
      }
      return all;
    }
    return List.of(new Variation(path, other(component, value)));
  }

  private static List<Variation> below(String path, List<Variation> variations) {
    return variations.stream()
        .map(each -> new Variation(path + "." + each.path(), each.changed()))
        .toList();
  }

  /** Another value of the same type. A new type of setting needs a line here. */
  private static Object other(RecordComponent component, Object value) {
    return switch (value) {
      case Boolean flag -> !flag;
      case Integer number -> number + 1;
      case Long number -> number + 1;
      case Duration duration -> duration.plusSeconds(1);
      case String text -> text.startsWith("UND") || text.equals("GET") ? text + "X" : text + "2";
      case OptionalInt number -> OptionalInt.of(number.getAsInt() + 1);
      case Enum<?> constant -> next(constant);
      case DailyWindow window -> DailyWindow.parse("03:00-04:00");
      case ZoneId zone -> ZoneId.of("Europe/Berlin");
      case Regex regex -> Regex.of(regex + "2");
      case StatusSet codes -> StatusSet.parse(codes + ",204");
      case Path path -> path.resolveSibling("other");
      case TrustedCertificates trusted -> trusted("b");
      case List<?> list ->
          list.getFirst() instanceof String text
              ? List.of(text + "2")
              : list.subList(1, list.size());
      case Set<?> set -> Set.of(set.iterator().next());
      case Map<?, ?> map -> changed(map);
      case null -> throw new AssertionError(component + ": give the full model a value");
      default -> throw new AssertionError(component + ": say how a value of this type changes");
    };
  }

  private static Object next(Enum<?> constant) {
    Object[] all = constant.getDeclaringClass().getEnumConstants();
    return all[(constant.ordinal() + 1) % all.length];
  }

  private static Map<Object, Object> changed(Map<?, ?> map) {
    Map<Object, Object> changed = new LinkedHashMap<>(map);
    changed.replaceAll((key, value) -> changedEntry(value));
    return changed;
  }

  private static Object changedEntry(Object value) {
    return switch (value) {
      case Path path -> path.resolveSibling("other");
      case PoolId id -> new PoolId(id.value() + "2");
      case ErrorPage page -> new ErrorPage(page.html() + "2", page.json());
      case UserList users -> UserList.EMPTY;
      case Map<?, ?> map -> changed(map);
      default -> value + "2";
    };
  }

  /**
   * Every component of the type and of those below it that is no record itself: {@code Type.name}.
   */
  static Set<String> leaves(Class<?> type) {
    Set<String> leaves = new TreeSet<>();
    for (RecordComponent component : type.getRecordComponents()) {
      if ((type.getSimpleName() + "." + component.getName()).equals(OF_CLUSTERS)) {
        continue;
      }
      Class<?> inner = element(component.getGenericType());
      if (inner.isSealed()) {
        inner = HttpCheck.class;
      }
      if (inner.isRecord() && inner != CertifiedKey.class) {
        leaves.addAll(leaves(inner));
      } else {
        leaves.add(type.getSimpleName() + "." + component.getName());
      }
    }
    return leaves;
  }

  /** The type, or that of a list's elements. */
  private static Class<?> element(Type type) {
    if (type instanceof ParameterizedType generic) {
      return generic.getRawType() == List.class
          ? (Class<?>) generic.getActualTypeArguments()[0]
          : (Class<?>) generic.getRawType();
    }
    return (Class<?>) type;
  }
}
