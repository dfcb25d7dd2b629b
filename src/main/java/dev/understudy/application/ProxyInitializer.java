package dev.understudy.application;

import dev.understudy.admin.AdminSettings;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.assembly.ProxyAssembly;
import dev.understudy.settings.RenamedSettings;
import dev.understudy.settings.SettingsBinder;
import dev.understudy.tracing.TracingImports;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/**
 * An initializer of Spring's context that starts the proxy as soon as Spring Boot has read the
 * static settings. The proxy serves while the rest of the context is made. The context closes the
 * proxy last, and also if the context itself fails.
 */
final class ProxyInitializer
    implements ApplicationContextInitializer<GenericApplicationContext>, Ordered {
  private static final Logger log = LoggerFactory.getLogger(ProxyInitializer.class);
  private static final String MANAGEMENT_PORT = "management.server.port";

  private final Instrumentation instrumentation;

  ProxyInitializer(Instrumentation instrumentation) {
    this.instrumentation = instrumentation;
  }

  /** Follows the initializers that check static settings. */
  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE;
  }

  @Override
  public void initialize(GenericApplicationContext context) {
    RenamedSettings renamed = new RenamedSettings();
    renamed.in(context.getEnvironment().getPropertySources());
    renamed.warnings().forEach(log::warn);
    requireSettingsOfTheContext(context.getEnvironment());
    ProxyAssembly assembly = new ProxyAssembly(context.getEnvironment(), instrumentation);
    try {
      assembly.open();
    } catch (RuntimeException | LinkageError e) {
      assembly.close();
      throw e;
    }
    DefaultListableBeanFactory beans = context.getDefaultListableBeanFactory();
    beans.registerSingleton("proxyAssembly", assembly);
    // The first to be registered, and so the last to be destroyed.
    beans.registerDisposableBean("proxyAssembly", assembly::close);
    // A context that fails before its refresh destroys nothing.
    context.addApplicationListener(
        (ApplicationListener<ApplicationFailedEvent>) failed -> assembly.close());
    assembly.beans().forEach(beans::registerSingleton);
  }

  /** Refuses at once what would make the context fail later. */
  private static void requireSettingsOfTheContext(Environment environment) {
    var unused = new SettingsBinder(environment).bind(LifecycleProperties.class);
    AdminSettings.require(Binder.get(environment));
    requireManagementPortOfItsOwn(environment);
    TracingImports.require(environment);
  }

  /** With the port of the clients, metrics would be open to them, and the API not be served. */
  private static void requireManagementPortOfItsOwn(Environment environment) {
    if (ManagementPortType.get(environment) == ManagementPortType.SAME) {
      throw new InvalidConfigurationPropertyValueException(
          MANAGEMENT_PORT,
          environment.getProperty(MANAGEMENT_PORT),
          "expected another port than server.port, which is for clients");
    }
  }
}
