package dev.understudy;

import dev.understudy.admin.AdminConfiguration;
import dev.understudy.proxy.gateway.GatewayLaneConfiguration;
import dev.understudy.proxy.listener.BundleFaults;
import dev.understudy.proxy.listener.ListenerConfiguration;
import dev.understudy.proxy.listener.TcpListenerConfiguration;
import dev.understudy.proxy.listener.UnusableBundleException;
import dev.understudy.settings.DurationUnits;
import dev.understudy.settings.StaticSettings;
import dev.understudy.tracing.TracingSelector;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/** The parts of the running proxy, imported explicitly instead of found by scanning. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(StaticSettings.class)
@Import({
  SeparateManagementPort.class,
  ManagementTls.Usable.class,
  ControlPlane.class,
  DataPlane.class,
  DynamicFile.class,
  Telemetry.class,
  OperatorNumbers.class,
  TracingSelector.class,
  ListenerConfiguration.class,
  TcpListenerConfiguration.class,
  GatewayLaneConfiguration.class,
  AdminConfiguration.class,
})
class Application {
  /** Reports an unusable bundle before another bean fails because of it. */
  @Bean
  static BeanPostProcessor usableBundles(Environment environment) {
    BundleFaults faults = new BundleFaults(environment);
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof SslBundles bundles) {
          UnusableBundleException.requireAll(bundles, faults);
        }
        return bean;
      }
    };
  }

  /** Static, because settings are bound before other beans are created. */
  @Bean
  static DurationUnits durationUnits(Environment environment) {
    return new DurationUnits(environment);
  }
}
