package dev.understudy.proxy.gateway;

import dev.understudy.extension.Extension;
import java.util.List;
import org.springframework.cloud.gateway.support.Configurable;
import org.springframework.cloud.gateway.support.ShortcutConfigurable;

/** A factory of the Gateway's that stands for one of an extension, with the same arguments. */
abstract class ExtensionFactory<F extends Configurable<Object> & ShortcutConfigurable>
    implements Configurable<Object>, ShortcutConfigurable {
  final Extension<F> extension;
  final F factory;

  ExtensionFactory(Extension<F> extension) {
    this.extension = extension;
    this.factory = extension.factory();
  }

  public String name() {
    return extension.name();
  }

  @Override
  public Class<Object> getConfigClass() {
    return factory.getConfigClass();
  }

  @Override
  public Object newConfig() {
    return factory.newConfig();
  }

  @Override
  public ShortcutType shortcutType() {
    return factory.shortcutType();
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return factory.shortcutFieldOrder();
  }

  @Override
  public String shortcutFieldPrefix() {
    return factory.shortcutFieldPrefix();
  }
}
