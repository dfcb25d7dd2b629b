package dev.understudy.application;

import dev.understudy.admin.access.AccessTokens;
import dev.understudy.admin.access.AccessTokens.Verdict;
import dev.understudy.monitor.Monitor;
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
  private static final Logger log = LoggerFactory.getLogger(ReadyLine.class);

  @Bean
  ApplicationListener<ApplicationReadyEvent> readyLineListener(
      Monitor monitor, AccessTokens tokens) {
    return started -> {
      String line = line(started.getApplicationContext().getEnvironment(), tokens.check(""));
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
   * @param verdict on an empty token
   */
  static String line(Environment environment, Verdict verdict) {
    String traffic = port(environment, "local.server.port");
    String console = port(environment, "local.management.port");
    return (traffic == null ? "no port for traffic" : "traffic :" + traffic)
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
