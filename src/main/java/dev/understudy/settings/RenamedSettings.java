package dev.understudy.settings;

import dev.understudy.pool.RenamedSetting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;

/**
 * Reads static settings under their earlier names: each source of settings gets one behind it that
 * has the same values under the present names, so that the present name precedes in one source, and
 * a source that precedes does so under either name.
 */
public final class RenamedSettings {
  private final List<RenamedSetting> table;
  private final List<String> warnings = new ArrayList<>();

  /** Creates it for the settings that this version has renamed. */
  public RenamedSettings() {
    this(RenamedSetting.OF_STATIC_SETTINGS);
  }

  RenamedSettings(List<RenamedSetting> table) {
    this.table = List.copyOf(table);
  }

  /** Adds the sources with the present names. */
  public void in(MutablePropertySources sources) {
    if (table.isEmpty()) {
      return;
    }
    for (PropertySource<?> each : sources.stream().toList()) {
      if (ConfigurationPropertySource.from(each)
          instanceof IterableConfigurationPropertySource source) {
        Map<String, Object> renamed = renamed(source);
        if (!renamed.isEmpty()) {
          sources.addAfter(
              each.getName(),
              new OriginTrackedMapPropertySource(each.getName() + ", renamed", renamed));
        }
      }
    }
  }

  private Map<String, Object> renamed(IterableConfigurationPropertySource source) {
    Map<String, Object> renamed = new LinkedHashMap<>();
    for (ConfigurationPropertyName name : source.stream().toList()) {
      RenamedSetting setting = setting(name);
      ConfigurationProperty property =
          setting == null ? null : source.getConfigurationProperty(name);
      if (setting != null && property != null) {
        int length = ConfigurationPropertyName.of(setting.before()).getNumberOfElements();
        ConfigurationPropertyName now =
            ConfigurationPropertyName.of(setting.now()).append(name.subName(length));
        renamed.put(
            now.toString(), OriginTrackedValue.of(property.getValue(), property.getOrigin()));
        String origin = SettingOrigin.of(property);
        warnings.add(
            (origin == null ? "" : origin + ": ") + setting.before() + ": " + setting.warning());
      }
    }
    return renamed;
  }

  private @Nullable RenamedSetting setting(ConfigurationPropertyName name) {
    return table.stream()
        .filter(
            each -> {
              ConfigurationPropertyName before = ConfigurationPropertyName.of(each.before());
              return before.equals(name) || before.isAncestorOf(name);
            })
        .findFirst()
        .orElse(null);
  }

  /** What was found under earlier names, each with its place. */
  public List<String> warnings() {
    return warnings.stream().distinct().toList();
  }

  /** The handler, to which an earlier name is no unknown setting. */
  BindHandler accepting(BindHandler handler) {
    return table.isEmpty() ? handler : new Accepting(handler);
  }

  private final class Accepting extends AbstractBindHandler {
    Accepting(BindHandler handler) {
      super(handler);
    }

    @Override
    public void onFinish(
        ConfigurationPropertyName name,
        Bindable<?> target,
        BindContext context,
        @Nullable Object result)
        throws Exception {
      try {
        super.onFinish(name, target, context, result);
      } catch (UnboundConfigurationPropertiesException e) {
        Set<ConfigurationProperty> unknown =
            e.getUnboundProperties().stream()
                .filter(each -> setting(each.getName()) == null)
                .collect(Collectors.toSet());
        if (!unknown.isEmpty()) {
          throw new UnboundConfigurationPropertiesException(unknown);
        }
      }
    }
  }
}
