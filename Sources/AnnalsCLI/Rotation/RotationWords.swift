public import ArgumentParser
public import RotationProjection

extension ProxyProtocol: ExpressibleByArgument {}
extension ProxyStatus: ExpressibleByArgument {}
extension RotationReason: ExpressibleByArgument {}
extension UsageTarget: ExpressibleByArgument {}
