package dev.understudy.command;

import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a demo: those that were given, and the demo's own where none was given.
 *
 * <ul>
 *   <li>both ports reachable from this machine only, since anybody who reaches them may kill the
 *       servers
 *   <li>a random token, unless any {@code understudy.admin} setting is given
 *   <li>a few client connections, for which no limit of open files is too low
 *   <li>a stop without a wait for load balancers, with half a second for requests and WebSockets
 * </ul>
 *
 * @param arguments static settings, {@code --PROPERTY=VALUE}
 * @param token the demo's own token; null if it has none
 */
record DemoSettings(List<String> arguments, @Nullable String token) {
  private static final String ADMIN = "understudy.admin.";
  private static final int TOKEN_BYTES = 18;

  /** Any limit of open files carries them. */
  private static final String CONNECTIONS = "256";

  /**
   * Completes the settings.
   *
   * @param file the demo's dynamic file
   * @param given static settings, {@code --PROPERTY=VALUE}
   * @param environment the process's environment variables
   */
  static DemoSettings of(Path file, String[] given, Map<String, String> environment) {
    List<String> all = new ArrayList<>(List.of(given));
    addUnlessGiven(all, "understudy.config", file.toString());
    for (String address : List.of("server.address", "management.server.address")) {
      if (!environment.containsKey(variable(address))) {
        addUnlessGiven(all, address, InetAddress.getLoopbackAddress().getHostAddress());
      }
    }
    addUnlessGiven(all, "understudy.client.max-connections", CONNECTIONS);
    addUnlessGiven(all, "understudy.drain.delay", "0s");
    addUnlessGiven(all, "spring.lifecycle.timeout-per-shutdown-phase", "500ms");
    boolean own =
        all.stream().noneMatch(argument -> argument.startsWith("--" + ADMIN))
            && environment.keySet().stream().noneMatch(DemoSettings::isAdminVariable);
    String token = own ? randomToken() : null;
    if (token != null) {
      all.add("--" + ADMIN + "token=" + token);
    }
    return new DemoSettings(List.copyOf(all), token);
  }

  private static void addUnlessGiven(List<String> arguments, String property, String value) {
    String start = "--" + property + "=";
    if (arguments.stream().noneMatch(argument -> argument.startsWith(start))) {
      arguments.add(start + value);
    }
  }

  /** The environment variable that Spring Boot reads for a property of dots and letters. */
  private static String variable(String property) {
    return property.toUpperCase(Locale.ROOT).replace('.', '_');
  }

  private static boolean isAdminVariable(String name) {
    return name.toUpperCase(Locale.ROOT).startsWith("UNDERSTUDY_ADMIN_");
  }

  private static String randomToken() {
    byte[] bytes = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Override
  public String toString() {
    return "DemoSettings[***]";
  }
}
