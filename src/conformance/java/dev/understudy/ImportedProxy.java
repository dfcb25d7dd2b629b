package dev.understudy;

import dev.understudy.application.SpringProxy;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.event.EventHistory;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.monitor.Monitor;
import dev.understudy.reload.LiveConfiguration;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole application in this process, with one imported file after the other. */
public final class ImportedProxy implements AutoCloseable {
  private final Path file;
  private final ConfigurableApplicationContext context;
  private final List<ReplicaEvent.ConfigurationRejected> rejections = new CopyOnWriteArrayList<>();
  private int loads;

  private ImportedProxy(Path file, ConfigurableApplicationContext context) {
    this.file = file;
    this.context = context;
    context
        .getBean(EventHistory.class)
        .subscribe(
            entry -> {
              if (entry.event() instanceof ReplicaEvent.ConfigurationRejected rejected) {
                rejections.add(rejected);
              }
            });
  }

  /** Starts it with the dynamic file, once that loads. */
  public static ImportedProxy start(Path file) {
    SpringApplication application = SpringProxy.application(Instrumentation.standard());
    application.setRegisterShutdownHook(false);
    ImportedProxy proxy =
        new ImportedProxy(
            file,
            application.run(
                "--server.port=0",
                "--management.server.port=0",
                "--logging.level.root=error",
                "--logging.level.understudy.events=off",
                "--understudy.drain.delay=0s",
                "--understudy.config=" + file));
    proxy.awaitServers();
    return proxy;
  }

  /** Replaces the dynamic file; returns once it is in force and each pool has who serves. */
  public void load(String yaml) throws IOException {
    LiveConfiguration live = context.getBean(LiveConfiguration.class);
    String before = String.valueOf(live.fingerprint());
    Path next = file.resolveSibling("next.yaml");
    // The same text again would be no change.
    Files.writeString(next, yaml + "# " + ++loads + "\n");
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    Await.until(
        "the file is applied",
        () -> {
          if (!rejections.isEmpty()) {
            throw new IllegalStateException(rejections.removeFirst().problems() + "\n" + yaml);
          }
          return !String.valueOf(live.fingerprint()).equals(before);
        });
    awaitServers();
  }

  private void awaitServers() {
    Monitor monitor = context.getBean(Monitor.class);
    Await.until(
        "each pool has who serves",
        () -> monitor.current().byId().values().stream().allMatch(pool -> pool.serving() != null));
  }

  /** The main listener's port; 0 if it is not open. */
  public int mainPort() {
    return context.getEnvironment().getProperty("local.server.port", Integer.class, 0);
  }

  @Override
  public void close() {
    context.close();
  }
}
