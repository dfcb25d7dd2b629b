package dev.understudy.application;

import dev.understudy.admin.access.AccessTokens;
import dev.understudy.admin.access.AccessTokens.Verdict;
import dev.understudy.monitor.Monitor;
import dev.understudy.proxy.listener.Listeners;
import dev.understudy.text.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.server.Ssl;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Logs the line that ends a start, once the servers are judged and both ports are open: where
 * traffic and the console are, and whether the console is read only, with the reason.
 */
@Configuration(proxyBeanMethods = false)
class ReadyLine {
  /** The most ports that the line names. */
  private static final int MOST_PORTS = 8;

  private static final Logger log = LoggerFactory.getLogger(ReadyLine.class);

  @Bean
  ApplicationListener<ApplicationReadyEvent> readyLineListener(
      Monitor monitor, AccessTokens tokens, Listeners listeners) {
    return started -> {
      String line =
          line(
              started.getApplicationContext().getEnvironment(),
              listeners.ofFile().ports(),
              tokens.check(""));
      monitor.whenStarted(
          () ->
              log.info(
                  "{}{}",
                  monitor.ready() ? "Ready: " : "Started, not ready until the replicas agree: ",
                  line));
    };
  }

  /**
   * The line without its beginning.
   *
   * @param listeners the ports of the dynamic file's listeners by their names
   * @param verdict on an empty token
   */
  static String line(Environment environment, Map<String, Integer> listeners, Verdict verdict) {
    List<String> traffic = new ArrayList<>();
    String main = port(environment, "local.server.port");
    if (main != null) {
      traffic.add(":" + main);
    }
    listeners.forEach((name, port) -> traffic.add(":" + port + " (" + name + ")"));
    String console = port(environment, "local.management.port");
    return (traffic.isEmpty()
            ? "no port for traffic"
            : "traffic " + Words.joined(traffic, MOST_PORTS, " "))
        + (console == null ? "" : ", console " + console(environment, console))
        + readOnly(verdict);
  }

  private static String console(Environment environment, String port) {
    boolean tls =
        Binder.get(environment)
            .bind("management.server.ssl", Ssl.class)
            .map(ssl -> Ssl.isEnabled(ssl))
            .orElse(false);
    String address = environment.getProperty("management.server.address", "localhost");
    String host = address.indexOf(':') < 0 ? address : "[" + address + "]";
    return (tls ? "https" : "http") + "://" + host + ":" + port;
  }

  private static String readOnly(Verdict verdict) {
    return switch (verdict) {
      case Verdict.NotSet none -> " (read only: no token)";
      case Verdict.Unreadable file ->
          " (read only: the file of " + file.setting() + " is unusable)";
      case Verdict.Accepted any -> "";
      case Verdict.Rejected any -> "";
    };
  }

  /** The number of a port that is open; null if it is closed. */
  private static @Nullable String port(Environment environment, String name) {
    String port = environment.getProperty(name);
    return port == null || port.equals("-1") ? null : port;
  }
}
