package dev.understudy.bench.vanilla;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;

/** A Gateway application without a line of our own; its one route comes by arguments. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class VanillaGateway {
  public static void main(String[] args) {
    SpringApplication.run(VanillaGateway.class, args);
  }
}
