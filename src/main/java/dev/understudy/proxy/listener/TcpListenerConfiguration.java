package dev.understudy.proxy.listener;

import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.tcp.TcpRelays;
import java.util.Objects;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.resources.LoopResources;

/** Wires the listeners of the dynamic file that relay TCP, beside {@link ListenerConfiguration}. */
@Configuration(proxyBeanMethods = false)
public class TcpListenerConfiguration {

  @Bean
  TcpListeners tcpListeners(
      ReactorResourceFactory resources,
      TcpRelays relays,
      FrontDoor door,
      Listening listening,
      ListenerTlsContexts contexts) {
    return new TcpListeners(
        () -> resources.getLoopResources().onServer(LoopResources.DEFAULT_NATIVE),
        relays,
        door.connections(),
        listening,
        listener -> contexts.tcp(Objects.requireNonNull(listener.tls())));
  }
}
