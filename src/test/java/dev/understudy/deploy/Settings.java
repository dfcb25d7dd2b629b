package dev.understudy.deploy;

import dev.understudy.proxy.listener.ClientProperties;
import dev.understudy.proxy.listener.ListenerProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import reactor.netty.resources.LoopResources;

/** The static settings as a pod has them: the ConfigMap's, over the program's own defaults. */
final class Settings {
  private final Binder binder;

  private Settings(List<PropertySource<?>> sources) {
    binder = new Binder(ConfigurationPropertySources.from(sources));
  }

  static Settings ofThePod() {
    String text =
        Manifests.one("kubernetes", "ConfigMap", "understudy")
            .at("/data/application.yaml")
            .asString();
    List<PropertySource<?>> sources = new ArrayList<>();
    sources.addAll(load(new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8))));
    sources.addAll(load(new ClassPathResource("application.yaml")));
    return new Settings(sources);
  }

  /** The static settings as {@code config/application.yaml} has them. */
  static Settings ofTheExample() {
    List<PropertySource<?>> sources = new ArrayList<>();
    sources.addAll(load(new FileSystemResource("config/application.yaml")));
    sources.addAll(load(new ClassPathResource("application.yaml")));
    return new Settings(sources);
  }

  private static List<PropertySource<?>> load(Resource resource) {
    try {
      return new YamlPropertySourceLoader().load(resource.toString(), resource);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  <T> T get(String property, Class<T> type) {
    return binder.bind(property, type).get();
  }

  boolean has(String property) {
    return binder.bind(property, String.class).isBound();
  }

  ClientProperties client() {
    return binder.bindOrCreate("understudy", ListenerProperties.class).client();
  }

  /** All steps of a stop, which are waited for one after another. */
  Duration longestStop() {
    Duration ofClients = get("spring.lifecycle.timeout-per-shutdown-phase", Duration.class);
    Duration ofTheManagementPort = ofClients;
    Duration ofTheEventLoops = Duration.ofSeconds(LoopResources.DEFAULT_SHUTDOWN_TIMEOUT);
    return drainDelay().plus(ofClients).plus(ofTheManagementPort).plus(ofTheEventLoops);
  }

  Duration drainDelay() {
    return binder.bindOrCreate("understudy", ListenerProperties.class).drain().delay();
  }
}
