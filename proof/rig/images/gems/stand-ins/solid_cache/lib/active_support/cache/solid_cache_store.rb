class ActiveSupport::Cache::SolidCacheStore < ActiveSupport::Cache::MemoryStore
end
