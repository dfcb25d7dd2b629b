package dev.understudy;

import dev.understudy.admin.AdminConfiguration;
import dev.understudy.proxy.gateway.GatewayLaneConfiguration;
import dev.understudy.proxy.listener.ListenerConfiguration;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Import;

/** The running proxy: which parts there are. Nothing is found by scanning. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(StaticSettings.class)
@Import({
  SeparateManagementPort.class,
  ControlPlane.class,
  DataPlane.class,
  DynamicFile.class,
  Telemetry.class,
  ListenerConfiguration.class,
  GatewayLaneConfiguration.class,
  AdminConfiguration.class,
})
class Application {}
