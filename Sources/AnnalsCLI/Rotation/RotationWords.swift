public import ArgumentParser
public import RotationProjection

extension ProxyProtocol: ExpressibleByArgument {}
extension ProxyStatus: ExpressibleByArgument {}
extension RotationReason: ExpressibleByArgument {}
extension RotationStrategy: ExpressibleByArgument {}
extension UsageTarget: ExpressibleByArgument {}
