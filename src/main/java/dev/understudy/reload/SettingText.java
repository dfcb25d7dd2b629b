package dev.understudy.reload;

import dev.understudy.pool.DailyWindow;
import dev.understudy.pool.Disclosure;
import dev.understudy.pool.PodNames;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RevocationLists;
import dev.understudy.pool.RoleLabel;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.Setting;
import dev.understudy.pool.SettingNames;
import dev.understudy.pool.StatusSet;
import dev.understudy.pool.TlsUses;
import dev.understudy.pool.UnitParser;
import dev.understudy.text.Words;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Names and values of settings, as in the dynamic file.
 *
 * <p>A value is shown only if its kind is known to hold no secret: of texts, which placeholders may
 * have filled, and of the parts of routes, {@link Disclosure} decides.
 */
final class SettingText {
  /** Components whose name in the file is another, and that are no settings by themselves. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("Server.address", "url"),
          Map.entry("Server.resolved", "url"),
          Map.entry("ServerTemplate.address", "url"),
          Map.entry("ServerTemplate.records", "url"),
          Map.entry("ServerTemplate.hold", "dns.hold"),
          Map.entry("ServerTemplate.port", "url"),
          Map.entry("ServerTemplate.share", "weight"),
          Map.entry("UpstreamTls.trusted", ""),
          Map.entry("Pool.templates", "servers"),
          Map.entry("HealthSettings.check", ""),
          Map.entry("Expectation.rules", ""),
          Map.entry("ErrorPages.general", ""),
          Map.entry("ErrorPages.ofPools", ""),
          Map.entry("Listener.uses", "server-names"),
          Map.entry("ListenerTls.keys", "certificates"),
          Map.entry("ListenerTls.clientAuthorities", "client-ca"),
          Map.entry("ListenerTls.revocations", "crl"));

  /** Records that are shown as one value. */
  private static final Set<Class<?>> WHOLE =
      Set.of(
          ServerAddress.class,
          PoolId.class,
          ServerId.class,
          RevocationLists.class,
          RoleLabel.class,
          TlsUses.class,
          PodNames.class);

  private SettingText() {}

  static boolean isWhole(Record value) {
    return WHOLE.contains(value.getClass());
  }

  static String join(String path, String name) {
    return path.isEmpty() || name.isEmpty() ? path + name : path + "." + name;
  }

  /** The setting's name; empty if its parts are settings of the record around it. */
  static String name(RecordComponent component) {
    return component.isAnnotationPresent(Setting.Inline.class)
        ? ""
        : NAMES.getOrDefault(key(component), SettingNames.of(component));
  }

  private static String key(RecordComponent component) {
    return component.getDeclaringRecord().getSimpleName() + "." + component.getName();
  }

  /** {@code server} for a component named {@code servers}. */
  static String singular(RecordComponent component) {
    return Words.singular(name(component));
  }

  /** {@code http} for an {@code HttpCheck} of a component of type {@code Check}. */
  static String type(RecordComponent component, Record value) {
    String name = value.getClass().getSimpleName();
    String kind = component.getType().getSimpleName();
    return Words.kebab(
        name.endsWith(kind) ? name.substring(0, name.length() - kind.length()) : name);
  }

  /** What follows the setting's name: both values, or that it changed. */
  static String change(RecordComponent component, @Nullable Object before, @Nullable Object after) {
    String old = shown(component, before);
    String now = shown(component, after);
    return old == null || now == null || old.equals(now) ? " changed" : " " + old + " → " + now;
  }

  /** The value as the file would have it; null if it is not shown. */
  private static @Nullable String shown(RecordComponent component, @Nullable Object value) {
    return switch (value) {
      case null -> "unset";
      case Duration duration -> UnitParser.text(duration);
      case OptionalInt number -> number.isEmpty() ? "unset" : Integer.toString(number.getAsInt());
      case Number number ->
          component.isAnnotationPresent(Setting.Size.class)
              ? size(number.longValue())
              : number.toString();
      case Boolean flag -> flag.toString();
      case Enum<?> constant -> Words.kebab(constant.name());
      case ServerAddress address -> address.toString();
      case PoolId id -> id.value();
      case ServerId id -> id.value();
      case RoleLabel label -> label.toString();
      case PodNames pods -> pods.toString();
      case DailyWindow window -> window.toString();
      case ZoneId zone -> zone.getId();
      case StatusSet codes -> codes.toString();
      case Path file -> file.toString();
      case RoutePart part -> Disclosure.text(part);
      case Collection<?> values -> all(component, values);
      case String text -> Disclosure.isOpen(name(component), text) ? text : null;
      default -> null;
    };
  }

  private static @Nullable String all(RecordComponent component, Collection<?> values) {
    List<String> shown =
        values.stream().map(each -> String.valueOf(shown(component, each))).toList();
    if (shown.contains("null")) {
      return null;
    }
    return values instanceof Set
        ? shown.stream().sorted().collect(Collectors.joining(", ", "[", "]"))
        : "[" + String.join(", ", shown) + "]";
  }

  private static String size(long bytes) {
    return bytes != 0 && bytes % 1024 == 0 ? bytes / 1024 + "KB" : bytes + "B";
  }
}
