package dev.understudy.application;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.cloud.CloudFoundryVcapEnvironmentPostProcessor;
import org.springframework.boot.support.EnvironmentPostProcessorApplicationListener;
import org.springframework.boot.support.EnvironmentPostProcessorsFactory;
import org.springframework.cloud.client.HostInfoEnvironmentPostProcessor;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.io.Resource;
import org.springframework.core.type.classreading.MetadataReader;
import org.springframework.core.type.classreading.SimpleMetadataReaderFactory;

/**
 * Removes unnecessary work from the start.
 *
 * <ul>
 *   <li>Annotations of configuration classes are read with ASM. On Java 24 and newer Spring would
 *       use the JDK's class-file API, whose classes an AOT cache does not hold.
 *   <li>The host's name and address are not looked up, which may wait for a name server, nor Cloud
 *       Foundry's services.
 * </ul>
 */
final class StartupTuning implements ApplicationContextInitializer<GenericApplicationContext> {
  /** Spring Boot's bean name; it creates its own reader only if there is none. */
  private static final String READER =
      "org.springframework.boot.autoconfigure.internalCachingMetadataReaderFactory";

  /** Leaves out what the application does before its context exists. */
  static void prepare(SpringApplication application) {
    List<ApplicationListener<?>> listeners = new ArrayList<>(application.getListeners());
    listeners.removeIf(EnvironmentPostProcessorApplicationListener.class::isInstance);
    EnvironmentPostProcessorsFactory all =
        EnvironmentPostProcessorsFactory.fromSpringFactories(application.getClassLoader());
    listeners.add(
        EnvironmentPostProcessorApplicationListener.with(
            (log, context) -> {
              List<EnvironmentPostProcessor> needed =
                  new ArrayList<>(all.getEnvironmentPostProcessors(log, context));
              needed.removeIf(HostInfoEnvironmentPostProcessor.class::isInstance);
              needed.removeIf(CloudFoundryVcapEnvironmentPostProcessor.class::isInstance);
              return needed;
            }));
    application.setListeners(listeners);
  }

  @Override
  public void initialize(GenericApplicationContext context) {
    context.registerBean(READER, AnnotationReader.class, AnnotationReader::new);
  }

  /** Caches the annotations read until the context is complete. */
  private static final class AnnotationReader extends SimpleMetadataReaderFactory
      implements ApplicationListener<ContextRefreshedEvent> {
    private final Map<Resource, MetadataReader> read = new ConcurrentHashMap<>();

    @Override
    public MetadataReader getMetadataReader(Resource resource) throws IOException {
      MetadataReader known = read.get(resource);
      if (known != null) {
        return known;
      }
      MetadataReader reader = super.getMetadataReader(resource);
      read.put(resource, reader);
      return reader;
    }

    @Override
    public void onApplicationEvent(ContextRefreshedEvent event) {
      read.clear();
    }
  }
}
