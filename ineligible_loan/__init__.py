"""Says how likely it is that an application for a loan will be found ineligible."""
